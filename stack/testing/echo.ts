/** An echo behind a link, and clients that remember what they heard. */
import { connect, createServer, type Socket } from 'node:net'
import { expect } from 'vitest'
import { openLink, type OwnedLink } from '../links/open-link.ts'

export interface Stage extends AsyncDisposable {
  readonly link: OwnedLink
  readonly port: number
  /** Sockets the far side accepted. */
  readonly accepted: readonly Socket[]
  client(): Promise<Client>
}

export interface Client {
  readonly socket: Socket
  heard(): string
  /** Closed, and by what. */
  ended(): string | null
  say(text: string): void
}

/** An echo behind a link. */
export async function stage(serve: (socket: Socket) => void = (socket) => socket.pipe(socket)): Promise<Stage> {
  const scope = new AsyncDisposableStack()
  const accepted: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket.on('error', () => {}))
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  scope.defer(async () => {
    for (const socket of accepted) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const link = scope.use(await openLink('echo', { host: '127.0.0.1', port }))
  return {
    link,
    port,
    accepted,
    async client() {
      const client = meet(connect({ ...link.address, allowHalfOpen: true }))
      scope.defer(() => void client.socket.destroy())
      await eventually(() => client.socket.connecting).toBe(false)
      return client
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  }
}

export function meet(socket: Socket): Client {
  const chunks: Buffer[] = []
  let end: string | null = null
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? error.message))
  socket.on('close', () => (end ??= 'closed'))
  return { socket, heard: () => Buffer.concat(chunks).toString('latin1'), ended: () => end, say: (text) => void socket.write(text) }
}

export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000, interval: 5 })
export const hears = (client: Client, text: string) => eventually(() => client.heard()).toBe(text)
