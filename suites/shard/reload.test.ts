/** A map of shards that changes under load: it holds as it is until the pooler is told to read it again, and nobody notices the change. */
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { parse, stringify } from 'yaml'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { openShards, type Shards } from './shards.ts'

const spec = wish({ shards: 2 })

const changed = ['11', '12', '13', '14', '15', '16', '17', '18']

/** The map the other way round: each shard is where the other was. */
const turnRound: Readonly<Record<'pgdog' | 'router', (text: string) => string>> = {
  pgdog: (toml) => toml.replaceAll(/^shard = ([01])$/gm, (_, shard: string) => `shard = ${1 - Number(shard)}`),
  router(yaml) {
    const config = parse(yaml) as { databases: { shards: unknown[] }[] }
    return stringify({ ...config, databases: config.databases.map((one) => ({ ...one, shards: one.shards.toReversed() })) })
  },
}

/** Rows written now, and on how many of the keys they lie where the hash says. */
async function landed(
  client: pg.Client,
  { direct, designated, placed }: Shards,
  failures: string[],
): Promise<{ readonly asBefore: number; readonly moved: number }> {
  await Promise.all(direct.map((shard) => shard.query('truncate items')))
  for (const key of changed)
    await answered(client.query(`insert into items (item_id, grp) values ($1, 'mapped')`, [key]), 'an insert').catch((error: Error) =>
      failures.push(error.message),
    )
  const lies = await placed('items', 'item_id')
  let [asBefore, moved] = [0, 0]
  for (const key of changed) {
    const home = await designated('int8', key)
    if (lies.get(key)?.join() === String(home)) asBefore++
    if (lies.get(key)?.join() === String(1 - home)) moved++
  }
  return { asBefore, moved }
}

/** Clients that ask without a break until they are told to stop; whatever fails is kept. */
function load({ connect }: Pick<Trial<'SHARD-018'>, 'connect'>) {
  const failures: string[] = []
  let [asked, going] = [0, true]
  const run = async (at: number) => {
    const client = await connect()
    while (going) {
      const sql = at % 2 === 0 ? `select count(*) from items` : `select item_id from items where item_id = ${asked}`
      await client.query(sql).then(
        () => asked++,
        (error: Error) => failures.push(`${sql}: ${error.message}`),
      )
      if (failures.length > 20) return
    }
    await client.end()
  }
  const all = [0, 1, 2, 3].map(run)
  return {
    failures,
    get asked() {
      return asked
    },
    async stop() {
      going = false
      await Promise.all(all)
    },
  }
}

spec('SHARD-018', async (trial) => {
  const { stack, connect, prove } = trial
  await using shards = await openShards(trial)
  const operator = stack.operator()
  const turn = turnRound[stack.topology.pooler!.kind]
  const client = await connect()
  await using _ = { [Symbol.asyncDispose]: () => operator.reload(turn) }
  const others = load(trial)
  operator.write(turn)
  await setTimeout(300)
  const before = await landed(client, shards, others.failures)
  await operator.reload()
  const [reader, at] = [await connect(), others.asked]
  const after = await landed(reader, shards, others.failures)
  while (others.asked < at + 40 && !trial.signal.aborted) await setTimeout(10)
  await others.stop()
  await prove('before', () => {
    expect(before.asBefore, `of ${changed.length} rows, those that lie by the old map while the new one is not read`).toBe(changed.length)
  })
  await prove('after', () => {
    expect(after.moved, `of ${changed.length} rows, those that lie by the new map once it is read`).toBe(changed.length)
  })
  await prove('no-failure', () => {
    expect(others.failures, 'queries that failed meanwhile').toEqual([])
    expect(others.asked, 'queries that were answered').toBeGreaterThan(40)
  })
})
