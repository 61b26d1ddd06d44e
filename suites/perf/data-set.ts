/** The rows that queries over shards are timed against: a stated number, each where the reference hash puts it, gone afterwards. */
import type { EntryId } from '../../spec/generated/ids.ts'
import type { Trial } from '../kit.ts'

export const rowCount = 4000

export interface DataSet extends AsyncDisposable {
  /** Keys of rows on the first shard. */
  readonly keys: readonly number[]
}

export async function plantRows({ stack, connect }: Pick<Trial<EntryId>, 'stack' | 'connect'>): Promise<DataSet> {
  const { shards } = stack.topology
  const servers = await Promise.all(Array.from({ length: shards }, (_, shard) => connect({ direct: 'server', shard })))
  const empty = async () => void (await Promise.all(servers.map((client) => client.query('truncate items'))))
  await empty()
  for (const [shard, client] of servers.entries()) {
    await client.query(
      `insert into items (item_id, grp, amount, price) select id, 'group ' || id % 20, id * 7919 % 1000, id % 100 from generate_series(1::bigint, ${rowCount}) id
        where orochi.get_shard_index(orochi.hash_value(id), $1) = $2`,
      [shards, shard],
    )
    await client.query('analyze items')
  }
  const { rows } = await servers[0]!.query<{ item_id: string }>('select item_id from items order by item_id limit 50')
  return { keys: rows.map((row) => Number(row.item_id)), [Symbol.asyncDispose]: empty }
}
