/** Passes a cancel request on to the pooler, which knows the key; like Postgres, it never answers. */
import type { Duplex } from 'node:stream'
import type { Deadline } from './deadline.ts'
import { dialUpstream, type UpstreamAddress } from './upstream.ts'

/** Resolves once the upstream took it; the packet goes as it came. Rejects with a Refusal. */
export async function forwardCancel(packet: Buffer, address: UpstreamAddress, deadline: Deadline): Promise<void> {
  const giveUp = new AbortController()
  try {
    await deadline.race(deliver(packet, address, giveUp.signal))
  } finally {
    giveUp.abort()
  }
}

async function deliver(packet: Buffer, address: UpstreamAddress, signal: AbortSignal): Promise<void> {
  const upstream = await dialUpstream(address, signal)
  upstream.end(packet)
  upstream.resume()
  await closed(upstream)
}

function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
