/** Where rows really land: written one by one through the pooler, found by looking at every shard. */
import { answered } from '../../fixtures/probe.ts'
import { shardOf, type HashVector } from '../../fixtures/orochi-hash.ts'
import type { TopologyWish } from '../../stack/topology.ts'
import type { Trial } from '../kit.ts'

/** All shards on one server, and no gateway: only the choice of the shard matters. */
export function manyShards(shards: number, hash: 'orochi' | 'own'): TopologyWish {
  return { shards, servers: 1, sharding: { hash }, gateway: null, pooler: { poolSize: 2 } }
}

export interface Landing {
  readonly vector: HashVector
  /** Shards on which its row lies. */
  readonly on: readonly number[]
  /** How often it was found by its key. */
  readonly found: number
}

type Ways = Pick<Trial<'HASH-001'>, 'stack' | 'connect'>

/** Writes a row for each vector and tells where it lies; the tables are empty before and after. */
export async function landingsOf({ stack, connect }: Ways, vectors: readonly HashVector[]): Promise<readonly Landing[]> {
  const shards = await Promise.all(Array.from({ length: stack.topology.shards }, (_, shard) => connect({ direct: 'server', shard })))
  const types = [...new Set(vectors.map(({ type }) => type))]
  const empty = async () => {
    for (const shard of shards) await shard.query(`truncate ${types.map((type) => `keys_${type}`).join()}`)
  }
  await empty()
  const client = await connect({ direct: 'pooler' })
  const found: number[] = []
  for (const { type, key } of vectors) {
    await answered(client.query(`insert into keys_${type} (key, note) values ($1, 'vector')`, [key]), `an insert of ${type} ${key}`)
    const { rowCount } = await answered(client.query(`select key from keys_${type} where key = $1`, [key]), 'a select')
    found.push(rowCount ?? 0)
  }
  const placed = new Map<string, number[]>()
  for (const [shard, direct] of shards.entries())
    for (const type of types) {
      const { rows } = await direct.query<{ key: string }>(`select key::text from keys_${type}`)
      for (const { key } of rows) placed.set(`${type} ${key}`, [...(placed.get(`${type} ${key}`) ?? []), shard])
    }
  await empty()
  return vectors.map((vector, index) => ({ vector, on: placed.get(`${vector.type} ${vector.key}`) ?? [], found: found[index] ?? 0 }))
}

/** Vectors whose row does not lie on the one shard of the reference, each as one line. */
export function disagreements(landings: readonly Landing[], shards: number): readonly string[] {
  return landings
    .filter(({ vector, on }) => on.length !== 1 || on[0] !== shardOf(vector, shards))
    .map(
      ({ vector, on }) =>
        `${vector.type} ${JSON.stringify(vector.key)} lies on ${on.join(' and ') || 'no shard'} of ${shards}, the reference is ${shardOf(vector, shards)}`,
    )
}
