/** How a connection arrives: from where it really comes, and whether it may come near. */
import type { Socket } from 'node:net'
import type { Source } from './access/address.ts'
import type { Guest } from './access/gate.ts'
import { ProxyFault, type ProxyHeader } from './access/proxy-header.ts'
import { takeProxyHeader } from './access/read-proxy.ts'
import type { Attempt } from './audit.ts'
import { Deadline } from './deadline.ts'
import type { Door } from './door.ts'
import { Refusal } from './reasons.ts'

export type Arrive = (
  socket: Socket,
  door: Pick<Door, 'pieces' | 'gate' | 'proxies' | 'startupTimeoutMs'>,
  attempt: Attempt,
) => Promise<Guest | null>

/**
 * A trusted proxy must say for whom it connects; anybody else's header is just a start-up packet that is none. Null for a proxy that came and
 * went. Throws a Refusal without words.
 */
export const arrive: Arrive = async (socket, { pieces, gate, proxies, startupTimeoutMs }, attempt) => {
  const peer = pieces.sourceOf(socket.remoteAddress ?? '')
  if (peer === null) throw new Refusal('client_gone', { silent: true })
  if (!proxies.has(peer)) return gate.arrive(peer)
  using _waiting = await gate.awaitHeader(peer)
  const header = await readHeader(socket, startupTimeoutMs)
  if (header === null) return null
  return gate.arrive(header.local ? peer : clientOf(header, attempt, pieces))
}

function clientOf({ address, port }: ProxyHeader & { readonly local: false }, attempt: Attempt, { sourceOf }: Door['pieces']): Source {
  const source = sourceOf(address)
  if (source === null) throw new Refusal('proxy_header', { detail: 'no address', silent: true })
  attempt.remote = `${source.text}:${port}`
  return source
}

async function readHeader(socket: Socket, timeoutMs: number): Promise<ProxyHeader | null> {
  using deadline = new Deadline(timeoutMs, () => new Refusal('login_timeout', { detail: 'before the header of the proxy', silent: true }))
  return await deadline.race(takeProxyHeader(socket)).catch((cause: unknown) => {
    throw cause instanceof ProxyFault ? new Refusal('proxy_header', { detail: cause.message, silent: true }) : cause
  })
}
