/** TLS towards a server whose configuration says what to verify: never done without, whatever the server says. */
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls } from 'node:tls'
import { encodeStartup, encryptionAnswer } from '../../wire/index.ts'
import type { ServerTarget, ServerTls } from './target.ts'

/** No connection that is safe. The text names neither addresses nor what the certificate says. */
export class NotVerified extends Error {
  constructor(reason: string) {
    super(`no verified TLS with the server (${reason})`)
    this.name = 'NotVerified'
  }
}

/** `begun` is told of each socket the connection becomes, so that it can be given up at any time. */
export async function openSocket({ host, port, tls }: ServerTarget, begun: (socket: Socket) => void): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true, keepAlive: true })
  begun(socket)
  if (tls === undefined) return socket
  socket.write(encodeStartup({ kind: 'ssl-request' }))
  const answer = await answerOf(socket)
  // Bytes behind the answer came in the clear, and would pass for encrypted ones (CVE-2021-23222).
  if (!answer.equals(encryptionAnswer.yes)) throw new NotVerified(answer.length > 1 ? 'it said more than one byte' : 'it declined')
  return await handshake(socket, host, tls, await readFile(tls.ca, 'utf8'), begun)
}

function answerOf(socket: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  socket.once('data', (chunk: Buffer) => {
    socket.pause()
    resolve(chunk)
  })
  socket.once('error', reject).once('end', () => reject(new NotVerified('it closed the connection')))
  socket.once('close', () => reject(new NotVerified('it closed the connection')))
  return promise
}

function handshake(
  socket: Socket,
  host: string,
  { serverName = host }: ServerTls,
  ca: string,
  begun: (socket: Socket) => void,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const secured = connectTls({
    socket,
    ca,
    // An address is no name to send.
    ...(/^[\d.]+$|:/.test(serverName) ? { host: serverName } : { servername: serverName }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    rejectUnauthorized: true,
  })
  begun(secured)
  secured.once('secureConnect', () => resolve(secured))
  secured.once('error', (cause: NodeJS.ErrnoException) => reject(cause.code === undefined ? cause : new NotVerified(cause.code)))
  secured.once('close', () => reject(new NotVerified('it closed the connection')))
  return promise
}
