/** Commits over two shards one after the other, through the pooler, whatever becomes of them: somebody has to, for faults in the midst of a commit. */
import { withClient } from '../stack/components/set-up.ts'
import type { Stack } from '../stack/stack.ts'
import { rowsOf } from './looking.ts'

export async function transfers(stack: Stack, signal: AbortSignal): Promise<void> {
  const [here, there] = await keysOfTwo(stack)
  while (!signal.aborted) {
    const move = [`insert into items (item_id, grp) values (${here}, 'x') on conflict (item_id) do update set amount = items.amount + 1`]
    move.push(`insert into items (item_id, grp) values (${there}, 'x') on conflict (item_id) do update set amount = items.amount + 1`)
    await withClient(
      stack.pooler,
      async (client) => {
        for (const text of ['begin', ...move, 'commit']) await client.query(text)
      },
      2_000,
    ).catch(() => {})
  }
}

/** A key on shard 0 and one on shard 1, by the database's own hash. */
async function keysOfTwo(stack: Stack): Promise<readonly [number, number]> {
  const sql = `select key from generate_series(1, 100) key where orochi.get_shard_index(orochi.hash_value(key::int8), $1) = $2 limit 1`
  const keys = await Promise.all([0, 1].map((shard) => rowsOf<{ key: number }>(stack.server(0), sql, [stack.topology.shards, shard])))
  return [keys[0]![0]!.key, keys[1]![0]!.key]
}
