import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginning, canonical, hashOf, link, type Link } from './chain.ts'
import { verifyChain } from './verify-chain.ts'

const record = fc.dictionary(
  fc.string().filter((key) => !['seq', 'prev', 'hash', 'level', 'time', 'msg', '__proto__'].includes(key)),
  fc.jsonValue(),
  { maxKeys: 6 },
)

function chainOf(records: readonly object[]): (object & Link)[] {
  const chain: (object & Link)[] = []
  for (const one of records) chain.push(link(one, chain.at(-1) ?? beginning))
  return chain
}

const textOf = (chain: readonly object[]) => chain.map((one) => JSON.stringify(one))

test('the canonical text is one whatever the order of the keys, and says the same', () => {
  fc.assert(
    fc.property(record, (one) => {
      const turned = Object.fromEntries(Object.entries(one).toReversed())
      expect(canonical(turned)).toBe(canonical(one))
      expect(JSON.parse(canonical(one))).toEqual(JSON.parse(JSON.stringify(one)))
    }),
  )
})

test('a chain of any records is whole, read back from its text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 8 }), async (records) => {
      const report = await verifyChain(textOf(chainOf(records)))
      expect([report.fault, report.records]).toEqual([null, records.length])
    }),
  )
})

const five = chainOf(Array.from({ length: 5 }, (_, at) => ({ event: 'login', sub: `user-${at}` })))

test.each([
  ['altered', textOf(five).with(2, JSON.stringify({ ...five[2], sub: 'somebody' })), 3, /altered/],
  ['altered, with a hash that fits', textOf(five).with(2, reworked(five[2]!)), 4, /follows another/],
  ['taken out', textOf(five).toSpliced(2, 1), 3, /missing/],
  ['exchanged', [five[0], five[2], five[1], five[3]].map((one) => JSON.stringify(one)), 2, /missing, or out of order/],
  ['twice', textOf([...five.slice(0, 2), five[1]!]), 3, /out of order/],
  ['torn', [...textOf(five), textOf(five)[0]!.slice(0, 50)], 6, /torn/],
  ['followed by something else', [...textOf(five), 'not a record'], 6, /no record/],
])('a record %s is found', async (_what, lines, line, what) => {
  expect((await verifyChain(lines)).fault).toMatchObject({ line, what: expect.stringMatching(what) as string })
})

function reworked(one: object): string {
  const body = { ...one, sub: 'somebody' }
  return JSON.stringify({ ...body, hash: hashOf(body) })
}

test('a log will do: what is put around a record is no part of it, and other lines are passed over', async () => {
  const lines = five.flatMap((one) => [
    JSON.stringify({ level: 'info', time: 'now', ...one, msg: 'a login' }),
    JSON.stringify({ level: 'info', event: 'started' }),
  ])
  expect(await verifyChain(lines)).toMatchObject({ fault: null, records: 5, last: { seq: 5 } })
})

test('a part of a chain begins where it begins', async () => {
  expect(await verifyChain(textOf(five.slice(2)))).toMatchObject({ fault: null, records: 3, first: { seq: 3 } })
})
