/** A statement that names its key goes to the one shard of that key. */
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, type Shards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

const keys = [1, 2, 5, -7, 42, 9_007_199_254_740_993n, 0].map(String)

/** A row for each key, put straight onto its shard. */
async function plant({ direct, designated }: Shards): Promise<ReadonlyMap<string, number>> {
  const homes = new Map<string, number>()
  for (const key of keys) {
    const home = await designated('int8', key)
    homes.set(key, home)
    await direct[home]!.query(`insert into items (item_id, grp, amount, note) values ($1, 'planted', 100, 'before')`, [key])
  }
  expect(new Set(homes.values()).size, 'shards with a row').toBe(direct.length)
  return homes
}

/** The same statement with the key written out, as a parameter of text, and in a prepared statement that has a name. */
function waysToSay(text: string, key: string, name: string): readonly (string | pg.QueryConfig)[] {
  return [text.replace('$1', `${key}`), { text, values: [key] }, { name, text: text.replace(/$/, ' /* named */'), values: [key] }]
}

spec('SHARD-001', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const homes = await plant(shards)
  const client = await connect()
  const ran: { readonly key: string; readonly on: readonly number[]; readonly rows: readonly unknown[] }[] = []
  for (const key of keys) {
    for (const way of waysToSay(`select item_id as WORD from items where item_id = $1`, key, 'by-key')) {
      const word = newWord()
      const said =
        typeof way === 'string' ? way.replace('WORD', word) : { ...way, name: way.name && word, text: way.text!.replace('WORD', word) }
      const { rows } = await answered(client.query<Record<string, string>>(said as string), 'a select')
      ran.push({ key, on: await shards.executed(word), rows: rows.map((row) => row[word]) })
    }
  }
  await prove('one-shard', () => {
    for (const { key, on } of ran) expect(on, `servers that ran the query for ${key}`).toHaveLength(1)
  })
  await prove('designated', () => {
    for (const { key, on } of ran) expect(on, `where the query for ${key} ran`).toEqual([homes.get(key)])
  })
  await prove('row', () => {
    for (const { key, rows } of ran) expect(rows, `rows for ${key}`).toEqual([key])
  })
})

spec('SHARD-003', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const client = await connect()
  for (const key of keys) {
    const said = [
      `insert into items (item_id, grp) values (${key}, 'written')`,
      { text: 'insert into items (grp, item_id) values ($2, $1)', values: [key, 'bound'] },
    ]
    await answered(client.query(said[keys.indexOf(key) % 2] as string), 'an insert')
  }
  const placed = await shards.placed('items', 'item_id')
  await prove('placed', async () => {
    expect([...placed.keys()].toSorted()).toEqual(keys.toSorted())
    for (const key of keys) expect(placed.get(key), `the shards of ${key}`).toContain(await shards.designated('int8', key))
  })
  await prove('nowhere-else', () => {
    for (const [key, on] of placed) expect(on, `the shards of ${key}`).toHaveLength(1)
  })
})

/** Runs a changing statement for each key in one of the ways; tells tags, where it ran, and what all rows are afterwards. */
async function change(client: pg.Client, shards: Shards, text: string) {
  const done: { key: string; tag: number | null; on: readonly number[] }[] = []
  for (const [index, key] of keys.entries()) {
    const word = newWord()
    const ways = waysToSay(text.replace('WORD', word), key, word)
    const { rowCount } = await answered(client.query(ways[index % ways.length] as string), 'a change')
    done.push({ key, tag: rowCount, on: await shards.executed(word) })
  }
  return done
}

/** Shard → its rows as text. */
async function rowsOn({ direct }: Shards): Promise<readonly string[][]> {
  const sql = `select item_id || ' ' || grp || ' ' || amount || ' ' || (note like 'w%') as row from items order by item_id`
  return Promise.all(direct.map(async (client) => (await client.query<{ row: string }>(sql)).rows.map(({ row }) => row)))
}

spec('SHARD-004', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const homes = await plant(shards)
  const client = await connect()
  const done = await change(client, shards, `update items set note = 'WORD', amount = amount + 1 where item_id = $1`)
  await prove('tag', () => {
    for (const { key, tag } of done) expect(tag, `the tag of the update of ${key}`).toBe(1)
  })
  await prove('designated', () => {
    for (const { key, on } of done) expect(on, `where the update of ${key} ran`).toEqual([homes.get(key)])
  })
  await prove('others-unchanged', async () => {
    const expected = shards.direct.map((_, shard) =>
      keys
        .filter((key) => homes.get(key) === shard)
        .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
        .map((key) => `${key} planted 101 true`),
    )
    expect(await rowsOn(shards)).toEqual(expected)
  })
})

spec('SHARD-005', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards)
  // On every shard a row that nobody asks for.
  await Promise.all(shards.direct.map((client) => client.query(`insert into items (item_id, grp) values (777, 'bystander')`)))
  const client = await connect()
  const done = await change(client, shards, `delete from items where item_id = $1 and note <> 'WORD'`)
  await prove('tag', () => {
    for (const { key, tag } of done) expect(tag, `the tag of the delete of ${key}`).toBe(1)
  })
  const placed = await shards.placed('items', 'item_id')
  await prove('gone', () => {
    for (const key of keys) expect(placed.get(key), `rows of ${key}`).toBeUndefined()
  })
  await prove('others-unchanged', () => {
    expect(placed.get('777'), 'a row on each shard that no delete named').toEqual(shards.direct.map((_, shard) => shard))
  })
})
