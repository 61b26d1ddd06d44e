/** How a connection arrives: from where it really comes, and whether it may come near. */
import type { Socket } from 'node:net'
import { sourceOf } from './access/address.ts'
import type { Guest } from './access/gate.ts'
import type { Attempt } from './audit.ts'
import type { Door } from './door.ts'
import { Refusal } from './reasons.ts'

/** Throws a Refusal without words. */
export function arrive(socket: Socket, { gate }: Door, attempt: Attempt): Guest {
  const source = sourceOf(socket.remoteAddress ?? '')
  if (source === null) throw new Refusal('client_gone', { silent: true })
  attempt.remote = `${source.text}:${socket.remotePort ?? 0}`
  return gate.arrive(source)
}
