/** A distributed table behind the pooler: rows on the shard their key designates, one shard for one key, all shards for none. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, rowsOf } from '../shard/shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })
const inTwoPhases = wish({ shards: 3, sharding: { twoPhaseCommit: true }, ...loggedStatements })

const keys = [3, 4, 5, 6, 7, 8, 9, 10]

spec('OROCHI-002', async (trial) => {
  await using shards = await openShards(trial)
  const client = await trial.connect()
  for (const key of keys) await answered(client.query('insert into items (item_id, grp) values ($1, $2)', [key, 'row']), 'an insert')
  await trial.prove('placed', async () => {
    const placed = await shards.placed('items', 'item_id')
    for (const key of keys) expect(placed.get(String(key)), `the shards of ${key}`).toEqual([await shards.designated('int8', key)])
  })
})

spec('OROCHI-003', async (trial) => {
  await using shards = await openShards(trial)
  const client = await trial.connect()
  const ran: { key: number; on: readonly number[] }[] = []
  for (const key of keys) {
    const word = newWord()
    await answered(client.query(`select count(*) as ${word} from items where item_id = ${key} and grp <> 'x'`), 'a select')
    ran.push({ key, on: await shards.executed(word) })
  }
  await trial.prove('pruned', async () => {
    for (const { key, on } of ran) expect(on, `servers that scanned for ${key}`).toEqual([await shards.designated('int8', key)])
  })
})

spec('OROCHI-004', async (trial) => {
  await using shards = await openShards(trial)
  for (const key of keys)
    await shards.direct[await shards.designated('int8', key)]!.query(`insert into items (item_id, grp) values ($1, 'g')`, [key])
  const client = await trial.connect()
  const word = newWord()
  const rows = await rowsOf(client, `select item_id as ${word} from items where grp = 'g'`)
  const ran = await shards.executed(word)
  await trial.prove('asked', () => {
    expect(ran.toSorted()).toEqual([0, 1, 2])
  })
  await trial.prove('merged', () => {
    expect(rows.map(Number).toSorted((a, b) => a - b)).toEqual(keys)
  })
})

inTwoPhases('OROCHI-010', async (trial) => {
  await using shards = await openShards(trial)
  const [first = 0, second = 0] = [keys[0], await otherThan(keys[0]!)]
  async function otherThan(key: number): Promise<number> {
    const home = await shards.designated('int8', key)
    for (const other of keys) if ((await shards.designated('int8', other)) !== home) return other
    throw new Error('all keys lie on one shard')
  }
  const client = await trial.connect()
  const transact = async (end: 'commit' | 'rollback', note: string) => {
    await answered(client.query('begin'), 'begin')
    for (const key of [first, second])
      await answered(
        client.query(`insert into items (item_id, grp) values ($1, $2) on conflict (item_id) do update set grp = $2`, [key, note]),
        'a write',
      )
    await answered(client.query(end), end)
  }
  await transact('rollback', 'undone')
  const afterRollback = await shards.placed('items', 'item_id')
  await transact('commit', 'done')
  await transact('rollback', 'undone again')
  const rows = await rowsOf(await trial.connect(), `select item_id, grp from items`)
  await trial.prove('atomic', () => {
    expect(afterRollback.size, 'rows of a transaction that was rolled back').toBe(0)
    expect(rows.toSorted()).toEqual([`${first}|done`, `${second}|done`].toSorted())
  })
})
