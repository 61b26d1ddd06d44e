/** Rows that loads plant: some on each shard, put in through the pooler, so that they lie where it will look for them. */
import { HarnessError } from '../stack/harness-error.ts'
import type { Ground } from './ground.ts'

export interface Planted {
  readonly id: number
  readonly shard: number
}

/** Who answered, for RETURNING and select lists. */
export const who = 'pg_backend_pid() as pid, inet_server_port() as port'

const mostTries = 200

/** `perShard` rows of `items` on each shard, of one group; what was there of that group is gone. */
export async function plantItems(
  ground: Ground,
  group: string,
  firstId: number,
  perShard: number,
  amount: number,
): Promise<readonly Planted[]> {
  for (const shard of ground.shards) await ground.onShard(shard, 'delete from items where grp = $1', [group])
  const wanted = perShard * ground.shards.length
  const planted: Planted[] = []
  for (let id = firstId; planted.length < wanted; id += perShard * 2) {
    if (id > firstId + mostTries) throw new HarnessError('stack-did-not-rise', `rows of ${group} do not come to lie on every shard`)
    const ids = Array.from({ length: perShard * 2 }, (_, at) => id + at)
    await ground.throughPooler(
      ids.map((one) => ["insert into items (item_id, grp, amount, note) values ($1, $2, $3, '')", [one, group, amount]] as const),
    )
    for (const shard of ground.shards) planted.push(...(await keep(ground, shard, group, planted, perShard)))
  }
  return planted.toSorted((a, b) => a.id - b.id)
}

const ownRowsPerShard = 8

/** Rows for clients to write notes into, one to each; clients beyond so many share rows, and wait for one another. */
export async function plantOwnRows(ground: Ground, group: string, firstId: number) {
  const rows = await plantItems(ground, group, firstId, ownRowsPerShard, 0)
  return {
    facts: { rows: rows.map(({ id }) => id) },
    rowOf: (process: number): number => rows[process % rows.length]!.id,
    notes: () => everywhere<{ id: number; note: string }>(ground, `select item_id::int as id, note from items where grp = '${group}'`),
  }
}

/** Rows beyond what is wanted of a shard are taken away again. */
async function keep(
  ground: Ground,
  shard: number,
  group: string,
  planted: readonly Planted[],
  perShard: number,
): Promise<readonly Planted[]> {
  const rows = await ground.onShard<{ id: number }>(shard, 'select item_id::int as id from items where grp = $1 order by 1', [group])
  const known = new Set(planted.map(({ id }) => id))
  const room = perShard - planted.filter((one) => one.shard === shard).length
  const fresh = rows.filter(({ id }) => !known.has(id))
  const surplus = fresh.slice(room).map(({ id }) => id)
  if (surplus.length > 0) await ground.onShard(shard, 'delete from items where item_id = any($1)', [surplus])
  return fresh.slice(0, room).map(({ id }) => ({ id, shard }))
}

/** All rows of a query over all shards, each with its shard. */
export async function everywhere<T extends Readonly<Record<string, unknown>>>(
  ground: Ground,
  sql: string,
  values: readonly unknown[] = [],
) {
  const rows = await Promise.all(
    ground.shards.map(async (shard) => (await ground.onShard<T>(shard, sql, values)).map((row) => ({ ...row, shard }))),
  )
  return rows.flat()
}

export const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)]!

/** The name of one deed, unique in a history. */
export const tagOf = (chance: { readonly process: number; readonly turn: number }): string => `${chance.process}.${chance.turn}`

/** Tags as a note holds them, each with a space behind it. */
export const tagsIn = (note: string): readonly string[] => note.split(' ').filter((tag) => tag !== '')
