/** Joins: of tables that share a key, with a table that every shard has, and those that no shard can answer alone. */
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, openUnion, rowsOf, sqlstateOf, type Shards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

const countries = ['CH', 'DE', 'NZ', 'JP']

/** Items and up to three lines for each, side by side on the shard of their key. */
async function plant({ direct, designated }: Shards): Promise<void> {
  for (let id = 1; id <= 24; id++) {
    const home = direct[await designated('int8', id)]!
    await home.query('insert into items (item_id, grp, amount) values ($1, $2, $3)', [id, `g${id % 4}`, id * 3])
    for (let line = 1; line <= id % 4; line++)
      await home.query('insert into item_lines values ($1, $2, $3, $4)', [id, line, countries[(id + line) % 4], id + line])
  }
}

const joined = (id: number) =>
  `select i.item_id, i.amount, l.line, l.qty from items i join item_lines l on l.item_id = i.item_id where i.item_id = ${id}`

const withReference = [
  `select l.line, c.name from item_lines l join countries c on c.code = l.country where l.item_id = 7`,
  `select l.item_id, l.line, c.name from item_lines l join countries c on c.code = l.country`,
  `select l.item_id, c.name from item_lines l left join countries c on c.code = l.country and c.name like 'S%'`,
]
const aggregated = [
  `select count(*) from items i join item_lines l on l.item_id = i.item_id`,
  `select i.grp, count(*), sum(l.qty) from items i join item_lines l on l.item_id = i.item_id group by i.grp`,
  `select c.name, sum(l.qty) from item_lines l join countries c on c.code = l.country group by c.name`,
]

/** Rows of different keys meet here: asked shard by shard, matches are lost. */
const acrossKeys = [
  `select a.item_id, b.item_id from items a join items b on b.amount = a.amount + 3`,
  `select count(*) from items a join items b on a.grp = b.grp and a.item_id < b.item_id`,
  `select i.item_id from items i where i.amount = (select max(amount) from items)`,
  `select item_id from items where item_id in (select qty from item_lines)`,
]

async function orRefused(client: pg.Client, text: string): Promise<readonly string[] | string> {
  return rowsOf(client, text).catch((error: unknown) => `refused ${sqlstateOf(error)}`)
}

spec('SHARD-007', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards)
  const union = await openUnion(trial, shards, ['items', 'item_lines'])
  const client = await connect()
  const same = async (question: string) =>
    expect((await rowsOf(client, question)).toSorted(), question).toEqual((await rowsOf(union, question)).toSorted())
  await prove('one-key', async () => {
    for (const id of [3, 7, 8, 11, 23]) await same(joined(id))
    const bound = joined(0).replace('= 0', '= $1')
    expect((await rowsOf(client, bound, [7])).toSorted()).toEqual((await rowsOf(union, bound, [7])).toSorted())
  })
  await prove('reference', async () => {
    for (const question of withReference) await same(question)
  })
  await prove('aggregate', async () => {
    for (const question of aggregated) await same(question)
  })
  await prove('refused', async () => {
    for (const question of acrossKeys) {
      const fresh = await connect()
      const answer = await orRefused(fresh, question)
      const right = (await rowsOf(union, question)).toSorted()
      if (typeof answer === 'string') expect(answer, question).toMatch(/^refused [0-9A-Z]{5}$/)
      else expect(answer.toSorted(), question).toEqual(right)
    }
  })
})

spec('SHARD-013', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards)
  const union = await openUnion(trial, shards, ['items', 'item_lines'])
  const client = await connect()
  const ran: { id: number; on: readonly number[]; rows: readonly string[]; expected: readonly string[] }[] = []
  for (const id of [3, 7, 10, 15]) {
    const word = newWord()
    const text = joined(id).replace('l.qty', `l.qty as ${word}`)
    const rows = (await rowsOf(client, text)).toSorted()
    ran.push({ id, on: await shards.executed(word), rows, expected: (await rowsOf(union, text)).toSorted() })
  }
  await prove('one-shard', async () => {
    for (const { id, on } of ran) expect(on, `where the join of ${id} ran`).toEqual([await shards.designated('int8', id)])
  })
  await prove('rows', () => {
    for (const { id, rows, expected } of ran) expect(rows, `rows of ${id}`).toEqual(expected)
  })
})

spec('SHARD-022', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards)
  const client = await connect()
  const ran: { id: number; on: readonly number[]; rows: readonly string[] }[] = []
  for (const id of [5, 9, 13, 17]) {
    const word = newWord()
    const text = `select c.code as ${word}, c.name from item_lines l join countries c on c.code = l.country where l.item_id = $1 and l.line = 1`
    ran.push({ id, rows: await rowsOf(client, text, [id]), on: await shards.executed(word) })
  }
  const { rows: names } = await answered(shards.direct[0]!.query<{ code: string; name: string }>('select * from countries'), 'countries')
  await prove('row', () => {
    for (const { id, rows } of ran) {
      const code = countries[(id + 1) % 4]
      expect(rows, `the country of ${id}`).toEqual([`${code}|${names.find((row) => row.code === code)?.name}`])
    }
  })
  await prove('one-shard', async () => {
    for (const { id, on } of ran) expect(on, `where the join of ${id} ran`).toEqual([await shards.designated('int8', id)])
  })
})
