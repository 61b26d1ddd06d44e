/** Keys as parameters, and keys of the type uuid. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

spec('SHARD-019', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const client = await connect()
  const keys = ['550e8400-e29b-41d4-a716-446655440000', '7d9ec0de-1234-4abc-8def-0123456789ab', 'F47AC10B-58CC-4372-A567-0E02B2C3D479']
  for (const [index, key] of keys.entries()) {
    const said =
      index === 0
        ? `insert into keys_uuid (key, note) values ('${key}', 'n')`
        : { text: 'insert into keys_uuid (key, note) values ($1, $2)', values: [key, 'n'] }
    await answered(client.query(said as string), 'an insert')
  }
  const placed = await shards.placed('keys_uuid', 'key')
  await prove('placed', async () => {
    expect(placed.size).toBe(keys.length)
    for (const key of keys) {
      const written = key.toLowerCase()
      expect(placed.get(written), `the shards of ${written}`).toEqual([await shards.designated('uuid', written)])
      const { rows } = await answered(client.query('select key::text from keys_uuid where key = $1', [key]), 'a select')
      expect(rows).toEqual([{ key: written }])
    }
  })
})

/** int8 as the wire's binary format has it. */
function binary(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

spec('SHARD-017', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const client = await connect()
  const keys = [1n, 2n, 5n, -7n, 42n, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n]
  const run = async (name: string, encode: (key: bigint) => unknown) => {
    const word = newWord()
    for (const key of keys) {
      const text = `insert into items (item_id, grp, note) values ($1, '${name}', '${word}') on conflict (item_id) do update set note = '${word}', grp = '${name}'`
      await answered(client.query({ name: `${name}-${word}`, text, values: [encode(key)] }), 'an insert')
    }
    return shards.executed(word)
  }
  const check = async (ran: readonly number[]) => {
    const homes = await Promise.all(keys.map((key) => shards.designated('int8', String(key))))
    expect(ran.toSorted()).toEqual(homes.toSorted())
    const placed = await shards.placed('items', 'item_id')
    for (const [index, key] of keys.entries()) expect(placed.get(String(key)), `the shards of ${key}`).toEqual([homes[index]])
  }
  const asText = await run('text', String)
  await prove('text', () => check(asText))
  const asBinary = await run('binary', binary)
  await prove('binary', () => check(asBinary))
})
