/** How many tokens the gateway's cache holds while an entry goes on. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Trial } from '../kit.ts'

/** Looks now and then until it is stopped, and once more then; each look is added to `sizes`. */
export function watchSize({ stack, gateway }: Pick<Trial<'CACHE-001'>, 'stack' | 'gateway'>, sizes: number[]): { stop(): Promise<void> } {
  if (!stack.can('gateway-metrics').here) return { stop: () => Promise.resolve() }
  const stopping = new AbortController()
  // A gateway that does not answer is for the clauses to judge.
  const look = () =>
    gateway.metrics().then(
      (metrics) => void sizes.push(metrics.get('orochi_gateway_token_cache_entries')),
      () => undefined,
    )
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await sleep(200, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    await look()
  })()
  return {
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
