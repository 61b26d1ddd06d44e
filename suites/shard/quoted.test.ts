/** A table and a sharding key whose names have to be quoted. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { openShards } from './shards.ts'

const spec = wish({ shards: 2, sharding: { tables: [{ name: 'Mixed', column: 'Key No', type: 'int8' }], reference: [] } })

const keys = Array.from({ length: 12 }, (_, at) => String(at + 1))

spec('SHARD-105', async (trial) => {
  const { stack, connect, prove } = trial
  await using shards = await openShards(trial)
  const drop = () => Promise.all(shards.direct.map((shard) => shard.query('drop table if exists "Mixed"')))
  await using _ = { [Symbol.asyncDispose]: async () => void (await drop()) }
  for (const shard of shards.direct)
    await shard.query(`create table "Mixed" ("Key No" int8 primary key, note text); grant all on "Mixed" to ${stack.app(0).user}`)
  await stack.operator().reload()
  const client = await connect()
  const found: number[] = []
  for (const key of keys) {
    await answered(client.query(`insert into "Mixed" ("Key No", note) values ($1, 'quoted')`, [key]), 'an insert')
    found.push((await answered(client.query(`select note from "Mixed" where "Key No" = $1`, [key]), 'a select')).rowCount ?? 0)
  }
  const lies = await shards.placed('"Mixed"', '"Key No"')
  await prove('placed', async () => {
    for (const key of keys) expect(lies.get(key), `shards with the row of ${key}`).toEqual([await shards.designated('int8', key)])
  })
  await prove('found', () => {
    expect(found, 'rows found by their keys').toEqual(keys.map(() => 1))
  })
})
