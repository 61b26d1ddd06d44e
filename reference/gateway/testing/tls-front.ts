/** TLS in front of a fake upstream: answers the request for it as a test wants, and passes on what was encrypted. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { TestCertificate } from './certificate.ts'

export interface TlsFront extends AsyncDisposable {
  readonly port: number
  /** Bytes that came in the clear behind the request, of all connections. */
  readonly clear: () => Buffer
  /** Whether each client that got through showed a certificate. */
  readonly certified: boolean[]
}

export interface TlsFrontWish {
  readonly target: number
  readonly certificate: TestCertificate
  /** What is sent in answer to the request; TLS follows an S. */
  readonly answer?: Buffer
  /** Closes instead of the handshake. */
  readonly breaksOff?: true
  /** Wants a client certificate that this one signed. */
  readonly clientCa?: string
}

const requestBytes = 8

export async function startTlsFront(wish: TlsFrontWish): Promise<TlsFront> {
  const sockets = new Set<Socket>()
  const clear: Buffer[] = []
  const certified: boolean[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    socket.once('data', (request: Buffer) => {
      if (request.length > requestBytes) clear.push(request.subarray(requestBytes))
      socket.write(wish.answer ?? Buffer.from('S'))
      if (wish.breaksOff === true) return void socket.end()
      if (wish.answer !== undefined && wish.answer[0] !== 0x53) return void socket.on('data', (more: Buffer) => clear.push(more))
      passOn(socket, wish, certified)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    clear: () => Buffer.concat(clear),
    certified,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function passOn(socket: Socket, { target, certificate, clientCa }: TlsFrontWish, certified: boolean[]): void {
  const secureContext = createSecureContext({ ...certificate, ...(clientCa === undefined ? {} : { ca: clientCa }) })
  const secured = new TLSSocket(socket, { isServer: true, secureContext, requestCert: clientCa !== undefined, rejectUnauthorized: false })
  secured.on('error', () => {})
  secured.once('secure', () => {
    certified.push(Object.keys(secured.getPeerCertificate()).length > 0)
    const onward = connect(target, '127.0.0.1')
    onward.on('error', () => secured.destroy()).once('close', () => secured.destroy())
    secured.once('close', () => onward.destroy())
    secured.pipe(onward).pipe(secured)
  })
}
