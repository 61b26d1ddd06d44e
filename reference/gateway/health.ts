/** Looks at poolers now and then, so that one that is down, or up again, is known before a session depends on it. */
import type { Duplex } from 'node:stream'
import type { Pooler } from './addresses.ts'
import { Deadline } from './deadline.ts'
import type { UpstreamAddress } from './upstream.ts'

export interface HealthTerms {
  readonly poolers: readonly Pooler[]
  readonly intervalMs: number
  readonly dial: (address: UpstreamAddress, signal: AbortSignal) => Promise<Duplex>
  readonly now: () => number
}

/** Each look ends before the next begins. Disposing ends it; it never throws. */
export function watchHealth({ poolers, intervalMs, dial, now }: HealthTerms): Disposable {
  if (intervalMs === 0 || poolers.length === 0) return { [Symbol.dispose]: () => {} }
  const over = new AbortController()
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void Promise.all(poolers.map((pooler) => look(pooler))).finally(() => (looking = false))
  }, intervalMs).unref()

  async function look(pooler: Pooler): Promise<void> {
    const up = await answers(pooler.address)
    if (over.signal.aborted) return
    if (up) pooler.succeeded()
    else pooler.failed(now())
  }

  /** It takes connections, and TLS where that is wanted. */
  async function answers(address: UpstreamAddress): Promise<boolean> {
    using deadline = new Deadline(intervalMs, () => new Error('too late'))
    const attempt = new AbortController()
    const giveUp = () => attempt.abort()
    over.signal.addEventListener('abort', giveUp, { once: true })
    try {
      await deadline.race(dial(address, attempt.signal))
      return true
    } catch {
      return false
    } finally {
      over.signal.removeEventListener('abort', giveUp)
      giveUp()
    }
  }

  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      over.abort()
    },
  }
}
