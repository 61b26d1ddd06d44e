/** One relayed connection: the client that came, the server it is led to, and the two pipes between them. */
import { connect, type Socket } from 'node:net'
import type { Address } from '../launch.ts'
import type { Direction } from './decode.ts'
import type { Faults } from './faults.ts'
import { openPipe, type Pipe, type PipeWatch } from './pipe.ts'
import { sever } from './sever.ts'

export interface Conversation {
  /** Looks at the faults again; dials the server if it may and has not yet. */
  update(): void
  /** Both ends get a reset. */
  reset(): void
}

export interface Surroundings {
  readonly faults: Faults
  /** Where the server is; null while that is not known yet. */
  readonly to: () => Address | null
  readonly watch: (direction: Direction) => Omit<PipeWatch, 'spent'>
  readonly closed: () => void
}

/** `client` comes paused. */
export function converse(client: Socket, { faults, to, watch, closed }: Surroundings): Conversation {
  let server: Socket | undefined
  let pipes: readonly Pipe[] = []
  /** Said into the dark before the server was dialled. */
  let wasDark = false

  const reset = () => {
    for (const one of pipes) one.close()
    sever(client)
    if (server !== undefined) sever(server)
  }
  const pipe = (from: Socket, to: Socket, direction: Direction) =>
    openPipe(from, to, faults.way(direction), { ...watch(direction), spent: reset })
  const dial = (address: Address) => {
    const dialled = connect({ ...address, allowHalfOpen: true, noDelay: true })
    server = dialled
    // One that said goodbye properly has its end in the pipe; any other takes the far side with it.
    dialled.on('error', reset).once('close', () => {
      if (!dialled.readableEnded) client.destroy()
    })
    pipes = [pipe(client, dialled, 'to-server'), pipe(dialled, client, 'to-client')]
  }
  const update = () => {
    if (client.destroyed) return
    const { dark, held } = faults.way('to-server')
    if (faults.refused || (wasDark && !dark) || pipes.some((one) => one.torn)) return reset()
    for (const one of pipes) one.update()
    const address = to()
    if (server !== undefined) return
    if (dark) return swallow()
    if (!held && address !== null) dial(address)
  }
  /** Reads and forgets, so that the client's leaving is noticed. */
  const swallow = () => {
    if (wasDark) return
    wasDark = true
    client.once('end', () => client.destroy()).resume()
  }
  client.on('error', reset).once('close', () => {
    if (!client.readableEnded) server?.destroy()
    closed()
  })
  update()
  return { update, reset }
}
