/** INSERTs of several rows where the pooler goes by its own hash, and where it was told nothing. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { loggedStatements, openShards, rowsOf, sqlstateOf, type Shards } from './shards.ts'

const byOwnHash = wish({ shards: 3, sharding: { hash: 'own' }, ...loggedStatements })
const asItComes = wish({ shards: 3, sharding: { hash: 'own', splitInserts: false }, ...loggedStatements })

const keys = Array.from({ length: 12 }, (_, index) => index + 1)

/** Written out and as parameters; true if the rows are said to be written. */
async function insertSeveral(trial: Pick<Trial<'SHARD-102'>, 'connect'>): Promise<readonly (true | string)[]> {
  const client = await trial.connect()
  const written = `insert into items (item_id, grp) values ${keys.map((key) => `(${key}, 'written')`).join()}`
  const bound = {
    text: `insert into items (item_id, grp) values ${keys.map((_, index) => `($${index + 1}, 'bound')`).join()}`,
    values: keys.map((key) => key + 100),
  }
  const outcomes: (true | string)[] = []
  for (const said of [written, bound])
    outcomes.push(await answered(client.query(said as string), 'an insert').then(() => true as const, sqlstateOf))
  return outcomes
}

async function copies(shards: Shards): Promise<readonly string[]> {
  return [...(await shards.placed('items', 'item_id'))]
    .filter(([, on]) => on.length !== 1)
    .map(([key, on]) => `${key} lies on ${on.join(' and ')}`)
}

/** Done or refused, and nothing in between. */
const decided = (outcomes: readonly (true | string)[]) => {
  for (const outcome of outcomes) if (outcome !== true) expect(outcome, 'a refusal').toMatch(/^[0-9A-Z]{5}$/)
}

byOwnHash('SHARD-102', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const outcomes = await insertSeveral(trial)
  await prove('once', async () => {
    decided(outcomes)
    expect(await copies(shards)).toEqual([])
  })
  await prove('found', async () => {
    const client = await connect()
    const wanted = keys.flatMap((key) => [...(outcomes[0] === true ? [key] : []), ...(outcomes[1] === true ? [key + 100] : [])])
    for (const key of wanted)
      expect(await rowsOf(client, 'select item_id from items where item_id = $1', [key]), `${key} read back`).toEqual([String(key)])
  })
})

asItComes('SHARD-103', async (trial) => {
  const { prove } = trial
  await using shards = await openShards(trial)
  const outcomes = await insertSeveral(trial)
  await prove('once', async () => {
    decided(outcomes)
    expect(await copies(shards)).toEqual([])
  })
})
