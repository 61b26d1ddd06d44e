/** Passes a cancel request on to the pooler, by the pooler's own key. */
import type { Duplex } from 'node:stream'
import { encodeStartup } from '../../wire/index.ts'
import { Deadline } from '../deadline.ts'
import { Refusal } from '../reasons.ts'
import { dialUpstream, type UpstreamAddress } from '../upstream.ts'
import type { CancelKey } from './desk.ts'

/** Resolves once the pooler took it. Rejects with a Refusal. */
export async function forwardCancel(key: CancelKey, address: UpstreamAddress, timeoutMs: number): Promise<void> {
  using deadline = new Deadline(timeoutMs, () => new Refusal('upstream_timeout'))
  const giveUp = new AbortController()
  try {
    await deadline.race(deliver(key, address, giveUp.signal))
  } finally {
    giveUp.abort()
  }
}

async function deliver({ processId, secret }: CancelKey, address: UpstreamAddress, signal: AbortSignal): Promise<void> {
  const upstream = await dialUpstream(address, signal)
  upstream.end(encodeStartup({ kind: 'cancel-request', processId, secret }))
  upstream.resume()
  await closed(upstream)
}

function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
