/** A backend that answers the request for TLS as a script says, keeps what it was told before it was encrypted, and passes the rest to the real pooler. */
import { once } from 'node:events'
import { connect, createServer as createPlain, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createSecure } from 'node:tls'
import type { Certificate } from '../../fixtures/certificates.ts'
import type { Address } from '../../stack/launch.ts'

export interface Backend extends AsyncDisposable {
  readonly port: number
  /** Every byte as it came over the wire, of all connections so far. */
  readonly heard: () => Buffer
  /** Connections so far. */
  readonly opened: () => number
  /** Handshakes that were completed. */
  readonly secured: () => number
}

export interface BackendScript {
  readonly pooler: Address
  readonly certificate: Certificate
  /** In answer to the request; TLS is spoken if it begins with S. */
  readonly answer?: Buffer
  /** Closes once it has answered. */
  readonly closes?: true
}

/** SSLRequest: its length and its code. */
export const sslRequest = Buffer.from('0000000804d2162f', 'hex')

export async function openBackend(script: BackendScript): Promise<Backend> {
  await using scope = new AsyncDisposableStack()
  const heard: Buffer[] = []
  let secured = 0
  let opened = 0
  const { certificate: cert, privateKey: key } = script.certificate
  const inner = createSecure({ cert, key }, (stream) => {
    secured++
    join(stream, dial(script.pooler))
  })
  const within = await listening(inner, scope)
  const outer = createPlain((socket) => {
    opened++
    socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => {})
    socket.once('data', (first: Buffer) => {
      // Whoever does not ask for TLS is talked to in the clear: that is how a fallback shows.
      if (!first.subarray(0, sslRequest.length).equals(sslRequest)) return join(socket, dial(script.pooler), first)
      const answer = script.answer ?? Buffer.from('S')
      socket.write(answer)
      if (script.closes === true) socket.end()
      else if (answer[0] === 0x53) join(socket, dial({ host: '127.0.0.1', port: within }))
    })
  })
  const port = await listening(outer, scope)
  const owned = scope.move()
  return {
    port,
    heard: () => Buffer.concat(heard),
    opened: () => opened,
    secured: () => secured,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const dial = ({ host, port }: Address) => connect({ host, port })

function join(near: Socket, far: Socket, first?: Buffer): void {
  near.on('error', () => far.destroy()).on('close', () => far.destroy())
  far.on('error', () => near.destroy()).on('close', () => near.destroy())
  if (first !== undefined) far.write(first)
  near.pipe(far).pipe(near)
}

export async function listening(server: Server, scope: AsyncDisposableStack): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.defer(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}
