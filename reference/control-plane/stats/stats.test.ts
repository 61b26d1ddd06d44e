import { expect, test } from 'vitest'
import { parseMetrics } from './open-metrics.ts'
import { makeCollector } from './stats.ts'

const endpoints = [{ part: 'pooler' as const, name: 'p0', metrics: 'http://p0/metrics', admin: null }]

/** Each look is answered by the next text; null: nobody answers. */
function collectorOf(...texts: (string | null)[]) {
  let atMs = 0
  return makeCollector({
    timeoutMs: 1000,
    now: () => (atMs += 1000),
    fetchMetrics: async (endpoint) => {
      const text = texts.shift() ?? null
      return { endpoint, samples: text === null ? null : parseMetrics(text), message: '' }
    },
  })
}

const pgdog = (queries: number, sent: number) => `sv_active 0\ntotal_query_count ${queries}\ntotal_sent ${sent}\n`

test('what PgDog asks its servers by itself is no work: empty queries of seven bytes; what a client asks is', async () => {
  const collector = collectorOf(pgdog(5, 89), pgdog(6, 96), pgdog(7, 103), pgdog(8, 117), null)
  const done = []
  for (let look = 0; look < 4; look++) done.push((await collector.work(endpoints))!.done)
  expect(new Set(done.slice(0, 3)).size).toBe(1)
  expect(done[3]).not.toBe(done[2])
  expect(await collector.work(endpoints)).toBeNull()
})

test('a rate is from one look to the next; a counter that went back was started anew', async () => {
  const collector = collectorOf('checkouts_total 10', 'checkouts_total 30', 'checkouts_total 5')
  const rates = []
  for (let look = 0; look < 3; look++) rates.push((await collector.collect('acme', endpoints))!.queries_per_second)
  expect(rates).toEqual([0, 20, 0])
})
