import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeTokenCache } from './token-cache.ts'

interface Value {
  readonly endMs: number
  readonly madeAtMs: number
}

function cacheAt(entries: number, ttlSeconds: number) {
  const counts = { hits: 0, misses: 0, verified: 0 }
  const clock = { ms: 1_000_000 }
  const onHit = () => void counts.hits++
  const onMiss = () => void counts.misses++
  const cache = makeTokenCache<Value>({ entries, ttlSeconds, now: () => clock.ms, onHit, onMiss })
  const get = (token: string, endMs: number) =>
    cache.get(token, () => {
      counts.verified++
      return clock.ms < endMs ? Promise.resolve({ endMs, madeAtMs: clock.ms }) : Promise.reject(new Error('expired'))
    })
  return { cache, counts, clock, get }
}

test('a token is verified once while it is remembered', async () => {
  const { counts, get } = cacheAt(10, 300)
  for (let i = 0; i < 5; i++) await get('a', 2_000_000)
  expect(counts).toEqual({ hits: 4, misses: 1, verified: 1 })
})

test('equal tokens at the same time are verified once', async () => {
  const { counts, get } = cacheAt(10, 300)
  await Promise.all(Array.from({ length: 100 }, () => get('a', 2_000_000)))
  expect(counts).toEqual({ hits: 99, misses: 1, verified: 1 })
})

test('a refusal is shared by those who wait for it and not remembered', async () => {
  const { counts, get, cache } = cacheAt(10, 300)
  const outcomes = await Promise.allSettled([get('a', 0), get('a', 0)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(get('a', 0)).rejects.toThrow('expired')
  expect(counts).toMatchObject({ misses: 2, verified: 2 })
  expect(cache.size).toBe(0)
})

test('the end of the token ends its entry before the time to live does', async () => {
  const { clock, get } = cacheAt(10, 300)
  await get('a', clock.ms + 5000)
  clock.ms += 4999
  await get('a', clock.ms + 1)
  clock.ms += 1
  await expect(get('a', clock.ms)).rejects.toThrow('expired')
})

test('the time to live ends an entry of a token that is still good', async () => {
  const { clock, counts, get } = cacheAt(10, 300)
  await get('a', 9_000_000)
  clock.ms += 299_999
  await get('a', 9_000_000)
  expect(counts.verified).toBe(1)
  clock.ms += 1
  await get('a', 9_000_000)
  expect(counts.verified).toBe(2)
})

test('an entry from the future proves nothing', async () => {
  const { clock, counts, get } = cacheAt(10, 300)
  await get('a', 9_000_000)
  clock.ms -= 1
  await get('a', 9_000_000)
  expect(counts.verified).toBe(2)
})

test('who was used longest ago goes first', async () => {
  const { counts, get } = cacheAt(2, 300)
  for (const token of ['a', 'b', 'a', 'c', 'a', 'b']) await get(token, 2_000_000)
  expect(counts).toEqual({ hits: 2, misses: 4, verified: 4 })
})

test('none is remembered where none shall be', async () => {
  for (const [entries, ttlSeconds] of [
    [0, 300],
    [10, 0],
  ] as const) {
    // prettier-ignore
    const { counts, get } = cacheAt(entries, ttlSeconds)
    for (let i = 0; i < 3; i++) await get('a', 2_000_000)
    expect(counts.verified).toBe(3)
  }
})

test('whatever is asked in whatever order, an answer is never older than the time to live nor its token, and the bound holds', async () => {
  const step = fc.record({
    token: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    passMs: fc.nat(4000),
    lifeMs: fc.nat(5000),
    times: fc.integer({ min: 1, max: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { cache, clock, counts, get } = cacheAt(3, 2)
      let asked = 0
      for (const { token, passMs, lifeMs, times } of steps) {
        clock.ms += passMs
        asked += times
        for (const outcome of await Promise.allSettled(Array.from({ length: times }, () => get(token, clock.ms + lifeMs)))) {
          if (outcome.status === 'rejected') continue
          expect(outcome.value.endMs).toBeGreaterThan(clock.ms)
          expect(clock.ms - outcome.value.madeAtMs).toBeLessThan(2000)
        }
        expect(cache.size).toBeLessThanOrEqual(3)
      }
      expect(counts.hits + counts.verified).toBeLessThanOrEqual(asked)
      expect(counts.misses).toBe(counts.verified)
    }),
  )
})
