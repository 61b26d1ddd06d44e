/** TLS towards a pooler: asked for, verified, and never done without once it is wanted. */
import { checkServerIdentity, connect, type SecureContext, type TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import { encodeStartup, encryptionAnswer } from '../wire/index.ts'
import { Refusal } from './reasons.ts'

export interface UpstreamTls {
  /** Holds the authority, and our own certificate where there is one. */
  readonly context: SecureContext
  /** The name that the pooler's certificate must be for. */
  readonly serverName: string
}

/** Throws a Refusal; the socket is closed then. */
export async function secureUpstream(socket: Socket, tls: UpstreamTls): Promise<TLSSocket> {
  try {
    socket.write(encodeStartup({ kind: 'ssl-request' }))
    const answer = await answerOf(socket)
    // Bytes behind the answer came in the clear, and would pass for encrypted ones (CVE-2021-23222).
    if (!answer.equals(encryptionAnswer.yes)) throw refused(answer.length > 1 ? 'it said more than one byte' : 'it declined')
    return await handshake(socket, tls)
  } catch (cause) {
    socket.destroy()
    throw cause
  }
}

/** Whatever comes first, at least a byte. */
function answerOf(socket: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const gone = () => reject(refused('it closed the connection'))
  socket.once('data', (chunk: Buffer) => {
    socket.pause().off('close', gone).off('end', gone)
    resolve(chunk)
  })
  socket.once('end', gone).once('close', gone)
  return promise
}

function handshake(socket: Socket, { context, serverName }: UpstreamTls): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const secured = connect({
    socket,
    secureContext: context,
    // An address is no name to send.
    ...(/^[\d.]+$|:/.test(serverName) ? { host: serverName } : { servername: serverName }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    rejectUnauthorized: true,
  })
  secured.once('secureConnect', () => resolve(secured))
  secured.on('error', (cause: NodeJS.ErrnoException) => reject(refused(cause.code ?? cause.name)))
  secured.once('close', () => reject(refused('it closed the connection')))
  return promise
}

function refused(detail: string): Refusal {
  return new Refusal('upstream_tls', { detail: `no verified TLS: ${detail}` })
}
