/** Reaches a pooler for a session that was admitted: connected, logged in, greeted. */
import type { Duplex } from 'node:stream'
import type { Admission } from './admission.ts'
import { Deadline } from './deadline.ts'
import type { Pieces } from './pieces.ts'
import { Refusal } from './reasons.ts'
import { textOf } from './verify.ts'
import type { Stage } from './wake/flight.ts'
import type { Wakes } from './wake/waker.ts'
import type { Greeting, UpstreamAddress } from './upstream.ts'

export interface Reached {
  readonly upstream: Duplex
  readonly greeting: Greeting
  readonly address: UpstreamAddress
}

export interface ReachTerms {
  readonly pieces: Pick<Pieces, 'dial' | 'logIn'>
  /** For all of it, but for waiting until a cluster is awake. */
  readonly timeoutMs: number
  readonly waker: Wakes | null
  /** Called now and then while the cluster wakes. */
  readonly tell: (stage: Stage) => void
  /** Fires when the session is over, or the client is gone before it began. */
  readonly signal: AbortSignal
}

type Parameters = ReadonlyMap<string, string>

/** Throws a Refusal; nothing of the attempt is left then. */
export async function reach(admission: Admission, parameters: Parameters, terms: ReachTerms): Promise<Reached> {
  const { timeoutMs, signal, waker, tell } = terms
  const { route, token } = admission
  const take = (address: UpstreamAddress, shareMs: number) => takeOne(address, admission, parameters, { ...terms, timeoutMs: shareMs })
  const connect = () => route.addresses.take(timeoutMs, take)
  const tenant = textOf(token.claims, 'tenant_id') ?? ''
  const { result, release } = await (waker?.run({ cluster: route.cluster, tenant, signal, connect, tell }) ?? connect())
  if (signal.aborted) release()
  else signal.addEventListener('abort', release, { once: true })
  return result
}

async function takeOne(address: UpstreamAddress, { role }: Admission, parameters: Parameters, terms: ReachTerms): Promise<Reached> {
  const { pieces, timeoutMs, signal } = terms
  using deadline = new Deadline(timeoutMs, () => new Refusal('upstream_timeout', { detail: address.name }))
  const attempt = new AbortController()
  const giveUp = follow(signal, attempt)
  try {
    return await deadline.race(logIn())
  } catch (cause) {
    signal.removeEventListener('abort', giveUp)
    giveUp()
    throw cause
  }

  async function logIn(): Promise<Reached> {
    const upstream = await pieces.dial(address, attempt.signal)
    return { upstream, greeting: await pieces.logIn(upstream, { ...role, parameters }), address }
  }
}

/** Stays for as long as the session does, so it holds nothing of the login. */
function follow(signal: AbortSignal, attempt: AbortController): () => void {
  const giveUp = () => attempt.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  return giveUp
}
