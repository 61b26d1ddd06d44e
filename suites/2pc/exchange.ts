/** One transaction over two shards whose commit is met on its way, and what the shards say of it afterwards. */
import { setTimeout as sleep } from 'node:timers/promises'
import { commitMoments, type CommitMoment } from '../../chaos/commit-moments.ts'
import { rowsOf } from '../../chaos/looking.ts'
import { limitMs } from '../../stack/limits.ts'
import type { Stack, Trap } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'
import { newWord, sqlstateOf } from '../shard/shards.ts'

export const twoShards = { shards: 2, sharding: { twoPhaseCommit: true } } as const

type Ways = Pick<Trial<'2PC-001'>, 'stack' | 'connect'>

export interface Exchange {
  /** Stands in both rows that are written. */
  readonly word: string
  /** Whether the message was met; false: the commit ended without it. */
  readonly met: boolean
  readonly trap: Trap
  /** `committed`, or the SQLSTATE the client got, or what became of its connection. */
  readonly told: Promise<string>
}

/** Writes on both shards, sends COMMIT, and returns at the moment, with the path to that shard frozen (or when the client has its answer). */
export async function exchangeUntil({ stack, connect }: Ways, moment: CommitMoment, shard: number): Promise<Exchange> {
  const word = newWord()
  const client = await connect()
  await client.query('begin')
  for (const key of await keysFor(stack))
    await client.query(`insert into items (item_id, grp, note) values (${key}, 'in transaction', '${word}')`)
  const trap = stack.link(`postgres-${shard}`).trap(commitMoments[moment])
  const told = client.query('commit').then(() => 'committed', toldBy)
  const met = await Promise.race([trap.sprung.then(() => true), told.then(() => false)])
  return { word, met, trap, told }
}

const toldBy = (error: unknown): string => (error as { code?: string }).code ?? sqlstateOf(error)

let next = 1

/** A key on shard 0 and one on shard 1 that nobody had before. */
async function keysFor(stack: Stack): Promise<readonly number[]> {
  const from = next
  next += 1_000
  const sql =
    'select key from generate_series($3::int8, $3 + 999) key where orochi.get_shard_index(orochi.hash_value(key), $1) = $2 limit 1'
  const found = await Promise.all([0, 1].map((shard) => rowsOf<{ key: string }>(stack.server(0), sql, [2, shard, from])))
  return found.map(([row]) => Number(row?.key))
}

/** How many rows with the word each shard holds. */
export async function rowsWith(stack: Stack, word: string): Promise<readonly number[]> {
  const sql = 'select count(*)::int as n from items where note = $1'
  const found = await Promise.all([0, 1].map((shard) => rowsOf<{ n: number }>(stack.server(shard), sql, [word])))
  return found.map(([row]) => row?.n ?? NaN)
}

export async function preparedOn(stack: Stack, shard: number): Promise<readonly string[]> {
  const sql = 'select gid from pg_prepared_xacts where database = current_database() order by 1'
  return (await rowsOf<{ gid: string }>(stack.server(shard), sql)).map(({ gid }) => gid)
}

/** Prepared transactions of all shards that are left once their pooler had time to end them. */
export async function leftPrepared(stack: Stack, graceMs = 2 * limitMs('fault-bites')): Promise<readonly string[]> {
  for (const end = Date.now() + graceMs; ; await sleep(50)) {
    const left = (await Promise.all([0, 1].map((shard) => preparedOn(stack, shard)))).flat()
    if (left.length === 0 || Date.now() > end) return left
  }
}

/** Waits until it is so, for a while; what is said of it later tells whether it came to be. */
export async function soon(isSo: () => Promise<boolean>, graceMs: number): Promise<void> {
  for (const end = Date.now() + graceMs; Date.now() < end && !(await isSo()); await sleep(25));
}

/** The coordinator dies at this moment, what was on the path never arrives, and it is started again. */
export async function loseCoordinator(stack: Stack, { trap, told }: Exchange): Promise<string> {
  const pooler = stack.part('pooler-0')
  await pooler.kill?.('SIGKILL')
  await trap.drop()
  const heard = await told
  await pooler.restart?.()
  return heard
}
