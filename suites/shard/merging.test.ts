/** Statements without a key are asked of all shards, and their answers become one. */
import type pg from 'pg'
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, openUnion, rowsOf, type Shards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

const groups = ['ash', 'beech', 'cedar', 'Birch', 'äsche']

/** Rows whose groups, amounts and prices repeat over the shards, with gaps; `random` chooses. */
async function plant(shards: Shards, random: () => number, count = 60): Promise<void> {
  for (let id = 1; id <= count; id++) {
    const home = await shards.designated('int8', id)
    const amount = random() < 0.1 ? null : Math.floor(random() * 40) - 10
    const values = [id, groups[id % groups.length], amount, Math.floor(random() * 9_999) / 100]
    await shards.direct[home]!.query('insert into items (item_id, grp, amount, price) values ($1, $2, $3, $4)', values)
  }
}

/** Each question in both protocols: what comes back through the system, and from one database. */
async function compare(client: pg.Client, union: pg.Client, questions: readonly string[], inOrder: boolean) {
  const order = (rows: readonly string[]) => (inOrder ? rows : rows.toSorted())
  const found = []
  for (const question of questions) {
    const expected = order(await rowsOf(union, question))
    found.push({ question, rows: order(await rowsOf(client, question)), expected })
    found.push({ question: `${question} /* bound */`, rows: order(await rowsOf(client, `${question} /* bound */`, [])), expected })
  }
  return found
}

const unkeyed = (word: string): readonly string[] => [
  `select count(*) from items where grp <> '${word}'`,
  `select sum(amount) from items where grp <> '${word}'`,
  `select item_id, grp, amount, price from items where grp <> '${word}'`,
]

spec('SHARD-002', async (trial) => {
  const { connect, random, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards, random)
  const union = await openUnion(trial, shards, ['items'])
  const client = await connect()
  const words = unkeyed('x').map(() => newWord())
  const found: Awaited<ReturnType<typeof compare>>[number][] = []
  for (const [index, word] of words.entries()) {
    const question = unkeyed(word)[index]!
    found.push({ question, rows: (await rowsOf(client, question)).toSorted(), expected: (await rowsOf(union, question)).toSorted() })
  }
  const ran = await Promise.all(words.map((word) => shards.executed(word)))
  await prove('once', () => {
    for (const [index, on] of ran.entries()) expect(on.toSorted(), `where this ran: ${found[index]!.question}`).toEqual([0, 1, 2])
  })
  await prove('merged', () => {
    for (const { question, rows, expected } of found) expect(rows, question).toEqual(expected)
  })
})

const ordered = [
  'select item_id from items order by item_id',
  'select item_id, amount from items where amount is not null order by amount desc, item_id',
  'select grp, item_id from items order by grp asc, item_id desc',
  'select price, item_id from items order by price, item_id desc',
  'select amount, item_id from items order by amount, item_id',
  'select amount, item_id from items order by amount desc, item_id desc',
]
const paged = [
  'select item_id from items order by item_id limit 7',
  'select item_id from items order by item_id desc limit 7 offset 11',
  'select grp, item_id from items order by grp, item_id offset 25 limit 10',
  'select amount, item_id from items order by amount desc, item_id limit 5',
  'select item_id from items order by item_id limit 5 offset 100',
  'select item_id from items order by item_id limit 0',
]

spec('SHARD-008', async (trial) => {
  const { connect, random, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards, random)
  const union = await openUnion(trial, shards, ['items'])
  const client = await connect()
  await prove('order', async () => {
    for (const { question, rows, expected } of await compare(client, union, ordered, true)) expect(rows, question).toEqual(expected)
  })
  await prove('page', async () => {
    for (const { question, rows, expected } of await compare(client, union, paged, true)) expect(rows, question).toEqual(expected)
    const bound = 'select item_id from items order by item_id limit $1 offset $2'
    expect(await rowsOf(client, bound, [6, 20]), bound).toEqual(await rowsOf(union, bound, [6, 20]))
  })
  await prove('offset-alone', async () => {
    for (const { question, rows, expected } of await compare(client, union, offsetAlone, true)) expect(rows, question).toEqual(expected)
  })
})

const offsetAlone = [
  'select item_id from items order by item_id offset 57',
  'select amount, item_id from items order by amount, item_id offset 12',
]

const grouped = [
  'select grp, count(*) from items group by grp',
  'select grp, sum(amount), min(amount), max(amount), count(amount) from items group by grp',
  'select grp, sum(price), min(price), max(price) from items group by grp',
  'select grp, count(*), sum(amount), min(price), max(price) from items where item_id > 7 group by grp',
  'select grp, count(*) from items where amount > 1000 group by grp',
  'select amount, count(*) from items group by amount',
  'select count(*), sum(amount), min(grp), max(grp) from items where amount > 1000',
]
const averaged = [
  'select grp, avg(amount) from items group by grp',
  'select grp, avg(price), count(*) from items group by grp',
  'select avg(amount) from items',
  'select avg(price), avg(amount) from items where item_id > 7',
  'select avg(amount) from items where amount > 1000',
]

spec('SHARD-009', async (trial) => {
  const { connect, random, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards, random)
  const union = await openUnion(trial, shards, ['items'])
  const client = await connect()
  const found = await compare(client, union, grouped, false)
  await prove('one-row', () => {
    for (const { question, rows, expected } of found) expect(rows.map(groupOf), question).toEqual(expected.map(groupOf))
  })
  await prove('values', () => {
    for (const { question, rows, expected } of found) expect(rows, question).toEqual(expected)
  })
  await prove('averages', async () => {
    for (const { question, rows, expected } of await compare(client, union, averaged, false)) expect(rows, question).toEqual(expected)
  })
})

const groupOf = (row: string): string => row.split('|')[0]!
