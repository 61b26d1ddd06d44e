import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { chanceFrom, makeCase } from './chance.ts'
import { render, simpler, value, type Select } from './query.ts'
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
