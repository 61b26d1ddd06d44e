import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { chanceFrom, makeCase } from './chance.ts'
import { render, simpler, value, type Select } from './query.ts'
import { keyIn, sample, schemasOf } from './schema.ts'
import { shrink } from './shrink.ts'

const select: Select = {
  kind: 'select',
  columns: ['grp, count(*) as a0, sum(amount) as a1'],
  from: ['items'],
  where: ['item_id = ', value('7'), ' and grp = ', value("o'ak", 'text')],
  group: ['grp'],
  having: null,
  order: ['grp'],
  limit: 3,
  offset: null,
  lock: false,
}

test('values are written out, or travel as parameters', () => {
  expect(render({ what: select, bound: false })).toEqual({
    text: `select grp, count(*) as a0, sum(amount) as a1 from items where item_id = '7' and grp = 'o''ak' group by grp order by grp limit 3`,
    values: [],
    bound: false,
  })
  expect(render({ what: select, bound: true })).toMatchObject({
    text: expect.stringContaining('item_id = $1::int8 and grp = $2::text'),
    values: ['7', "o'ak"],
  })
})

test('simpler statements leave one thing out each', () => {
  const texts = [...simpler({ what: select, bound: true })].map((one) => render(one).text)
  expect(texts).toHaveLength(8)
  expect(texts).toContain(
    `select grp, count(*) as a0, sum(amount) as a1 from items where item_id = $1::int8 and grp = $2::text order by grp limit 3`,
  )
  expect(texts).toContain(
    `select grp, sum(amount) as a1 from items where item_id = $1::int8 and grp = $2::text group by grp order by grp limit 3`,
  )
})

test('a seed makes the same case again, and every case can be written down', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const one = makeCase(chanceFrom(randomFrom(seed)))
      expect(makeCase(chanceFrom(randomFrom(seed)))).toEqual(one)
      for (const step of one.steps) expect(render(step).text).not.toMatch(/undefined|\[object/)
      expect(new Set(one.items.map(({ id }) => id)).size).toBe(one.items.length)
    }),
  )
})

test('a case is shrunk to what shows the difference', async () => {
  const what = makeCase(chanceFrom(randomFrom('shrink')))
  const withItems = { ...what, items: [...what.items, { id: '77', grp: 'needle', amount: 1, price: null }] }
  const smallest = await shrink(withItems, (smaller) => Promise.resolve(smaller.items.some(({ grp }) => grp === 'needle')), 1000)
  expect(smallest.items.map(({ grp }) => grp)).toEqual(['needle'])
  expect(smallest.lines).toEqual([])
  expect(smallest.steps).toHaveLength(1)
})

test('a seed makes the same schemas again, with names and key types of their own', () => {
  const schemas = schemasOf('7')
  expect(schemasOf('7')).toEqual(schemas)
  expect(schemas[0]).toBe(sample)
  const all = Array.from({ length: 40 }, (_, at) => schemasOf(String(at)).slice(1)).flat()
  expect(new Set(all.map(({ keyType }) => keyType)).size).toBe(5)
  for (const schema of all) {
    const keys = Array.from({ length: 40 }, (_, n) => keyIn(schema, String(n))).concat(
      ['-1', '9223372036854775807', '-9223372036854775808', '4294967296'].map((edge) => keyIn(schema, edge)),
    )
    expect(new Set(keys).size, `distinct keys of type ${schema.keyType}`).toBe(44)
    expect(new Set(Object.values(schema.names).slice(2, 9)).size, 'distinct columns').toBe(7)
  }
})

test('statements are said in the names and types of their schema', () => {
  const schema = {
    ...sample,
    keyType: 'int2',
    bare: true,
    names: { ...sample.names, items: '"Booking_1"', item_id: 'id', grp: '"Kind"' },
  } as const
  const what = { ...select, where: ['item_id = ', value('4294967296', 'key'), ` and grp = 'items grp'`] }
  expect(render({ what, bound: false }, schema).text).toContain(`from "Booking_1" where id = 256 and "Kind" = 'items grp' group by "Kind"`)
  expect(render({ what, bound: true }, schema)).toMatchObject({ text: expect.stringContaining('id = $1::int2'), values: [256n] })
})
