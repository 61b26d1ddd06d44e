import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Document } from './fetch-document.ts'
import { makeKeySource } from './key-source.ts'
import type { TrustedKey } from './keyring.ts'

const keyOf = (id: string): TrustedKey => ({ id, algorithm: 'EdDSA', key: generateKeyPairSync('ed25519').publicKey })
const sets: Readonly<Record<string, readonly TrustedKey[]>> = { old: [keyOf('k1')], both: [keyOf('k1'), keyOf('k2')], empty: [] }
const minuteMs = 60_000

/** A source whose issuer answers what the test wants, under a clock that the test moves. */
function sourceAt() {
  const site = { answer: 'old', down: false, fetches: 0, held: null as Promise<void> | null }
  const clock = { ms: 1_000_000_000 }
  const fetch = async (): Promise<Document> => {
    site.fetches++
    await site.held
    if (site.down) throw new Error('down')
    return { changed: true, text: site.answer, etag: undefined }
  }
  const source = makeKeySource({
    fetch,
    read: (text) => ({ keys: sets[text]!, left: [] }),
    refreshMs: 5 * minuteMs,
    cooldownMs: minuteMs / 2,
    maxStaleMs: 60 * minuteMs,
    now: () => clock.ms,
    onFetched: () => {},
  })
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { site, clock, source, settle, [Symbol.dispose]: () => source[Symbol.dispose]() }
}

const idsOf = ({ keys }: { readonly keys: readonly TrustedKey[] }) => keys.map(({ id }) => id)

test('a new key is found when a token names it, once the cool-down is over', async () => {
  using at = sourceAt()
  await at.settle()
  at.site.answer = 'both'
  expect([await at.source.lookFor('k2'), at.site.fetches]).toEqual([false, 1])
  at.clock.ms += minuteMs
  expect([await at.source.lookFor('k2'), at.site.fetches]).toEqual([true, 2])
})

test('10 000 unknown ids cause one fetch in a cool-down, and each gets its answer at once', async () => {
  using at = sourceAt()
  await at.settle()
  at.clock.ms += minuteMs
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => at.source.lookFor(`stranger-${index}`)))
  expect([answers.some(Boolean), at.site.fetches]).toEqual([false, 2])
  for (let index = 0; index < 10_000; index++) await at.source.lookFor(`stranger-${index}`)
  expect(at.site.fetches).toBe(2)
})

test('who goes on sending unknown ids causes no more than is fetched anyway', async () => {
  using at = sourceAt()
  await at.settle()
  for (let round = 0; round < 100; round++) {
    at.clock.ms += minuteMs / 2
    await at.source.lookFor(`stranger-${round}`)
  }
  expect(at.site.fetches).toBeLessThanOrEqual(1 + 3 + 10)
})

test('an id that was looked for in vain is not looked for again soon', async () => {
  using at = sourceAt()
  await at.settle()
  at.clock.ms += minuteMs
  await at.source.lookFor('k9')
  at.clock.ms += minuteMs
  expect([await at.source.lookFor('k9'), at.site.fetches]).toEqual([false, 2])
})

test('failures count for the cool-down, and the old keys serve up to the ceiling', async () => {
  using at = sourceAt()
  await at.settle()
  at.site.down = true
  at.clock.ms += 30 * minuteMs
  for (let login = 0; login < 50; login++) expect(await at.source.lookFor('k1')).toBe(true)
  for (let login = 0; login < 50; login++) expect(await at.source.lookFor('k2')).toBe(false)
  expect(at.site.fetches).toBe(2)
  at.clock.ms += 30 * minuteMs
  expect(idsOf(at.source)).toEqual(['k1'])
  at.clock.ms += 1
  expect([idsOf(at.source), await at.source.lookFor('k1')]).toEqual([[], false])
  at.site.down = false
  at.clock.ms += minuteMs
  expect([await at.source.lookFor('k1'), idsOf(at.source)]).toEqual([true, ['k1']])
})

test('it refreshes by itself, and what is not published any more is not trusted', async () => {
  using at = sourceAt()
  at.site.answer = 'both'
  await at.settle()
  const before = at.source.keys
  at.clock.ms += 5 * minuteMs
  while (at.site.fetches < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  await at.settle()
  expect(at.source.keys[0]).toBe(before[0])
  at.site.answer = 'empty'
  at.clock.ms += 5 * minuteMs
  while (at.site.fetches < 3) await new Promise((resolve) => setTimeout(resolve, 20))
  await at.settle()
  expect(at.source.keys).toEqual([])
})

test('many wait for one fetch, and no more than so many', async () => {
  using at = sourceAt()
  await at.settle()
  at.clock.ms += minuteMs
  const hold = Promise.withResolvers<void>()
  at.site.held = hold.promise
  at.site.answer = 'both'
  const answers = Array.from({ length: 150 }, () => at.source.lookFor('k2'))
  const beyond = await Promise.all(answers.slice(100))
  hold.resolve()
  expect([(await Promise.all(answers.slice(0, 100))).every(Boolean), beyond.some(Boolean), at.site.fetches]).toEqual([true, false, 2])
})

test('a clock that was set back stops nothing', async () => {
  using at = sourceAt()
  await at.settle()
  at.clock.ms -= 30 * minuteMs
  at.site.answer = 'both'
  expect([await at.source.lookFor('k2'), idsOf(at.source)]).toEqual([true, ['k1', 'k2']])
})
