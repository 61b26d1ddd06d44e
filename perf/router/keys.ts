/** Rows that lie where Orochi's hash wants them, planted straight on the shards. */
import { withClient } from '../../stack/components/set-up.ts'
import type { Estate } from './estate.ts'
import { shards } from './estate.ts'
import type { Keys } from './loads.ts'

const keysEach = 50

/** Keys by the shard that the database itself computes. */
export async function plant({ owner }: Estate): Promise<Keys> {
  const sql = `select key::text, orochi.get_shard_index(orochi.hash_value(key), ${shards}) as shard from generate_series(1000, 1400) as key`
  const { rows } = await withClient(owner(0), (client) => client.query<{ key: string; shard: number }>(sql))
  const keys = Array.from({ length: shards }, (_, shard) => rows.filter((row) => row.shard === shard).slice(0, keysEach).map(({ key }) => key)) // prettier-ignore
  for (const [shard, own] of keys.entries())
    await withClient(owner(shard), (client) =>
      client.query(`insert into keys_int8 (key, note) select key, 'planted' from unnest($1::bigint[]) as key`, [own]),
    )
  return keys
}
