/** The shards as one sees them past the pooler: where rows lie, which server ran a statement, and one database that holds all rows. */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { serverOf } from '../../stack/layout.ts'
import type { KeyType } from '../../stack/topology.ts'
import type { Trial } from '../kit.ts'

type Ways = Pick<Trial<'SHARD-001'>, 'stack' | 'connect'>

/** Statements are in the servers' logs, so that one can tell who ran them. */
export const loggedStatements = { postgres: { settings: { log_statement: 'all' } } } as const

export interface Shards extends AsyncDisposable {
  /** Shard number → a superuser's connection to it. */
  readonly direct: readonly pg.Client[]
  /** The shard that the reference hash names. */
  designated(type: KeyType, key: string | number): Promise<number>
  /** Key → the shards that hold a row with it. */
  placed(table: string, column: string): Promise<ReadonlyMap<string, readonly number[]>>
  /** Shards that have executed a statement with this word in it, each as often as it did, in order. */
  executed(word: string): Promise<readonly number[]>
}

const sharded = ['items', 'item_lines', 'keys_int2', 'keys_int4', 'keys_int8', 'keys_text', 'keys_uuid']

/** Empty tables at the start and at the end. */
export async function openShards({ stack, connect }: Ways): Promise<Shards> {
  const numbers = Array.from({ length: stack.topology.shards }, (_, shard) => shard)
  const direct = await Promise.all(numbers.map((shard) => connect({ direct: 'server', shard })))
  // Quiet in the log: what is asked here is no work of the system's.
  await Promise.all(direct.map((client) => client.query(`set log_statement = 'none'; set lock_timeout = '5s'`)))
  const empty = async () => void (await Promise.all(direct.map((client) => client.query(`truncate ${sharded.join()}`))))
  await empty()
  const marks = new Map(stack.parts('postgres').map((part) => [part.name, part.logMark()]))
  return {
    direct,
    designated: (type, key) => designatedBy(direct[0]!, type, key, numbers.length),
    placed: (table, column) => placedOn(direct, table, column),
    executed: async (word) => (await Promise.all(numbers.map((shard) => executionsOn(stack, direct[shard]!, shard, marks, word)))).flat(),
    [Symbol.asyncDispose]: empty,
  }
}

async function designatedBy(client: pg.Client, type: KeyType, key: string | number, shards: number): Promise<number> {
  const sql = `select orochi.get_shard_index(orochi.hash_value($1::${type}), $2) as shard`
  return (await client.query<{ shard: number }>(sql, [key, shards])).rows[0]!.shard
}

async function placedOn(direct: readonly pg.Client[], table: string, column: string): Promise<Map<string, number[]>> {
  const placed = new Map<string, number[]>()
  for (const [shard, client] of direct.entries()) {
    const { rows } = await client.query<{ key: string }>(`select ${column}::text as key from ${table} order by 1`)
    for (const { key } of rows) placed.set(key, [...(placed.get(key) ?? []), shard])
  }
  return placed
}

/** A server writes its log in the order of the statements: once it has written this last word, all that came before is there. */
async function executionsOn(
  stack: Stack,
  client: pg.Client,
  shard: number,
  marks: ReadonlyMap<string, number>,
  word: string,
): Promise<readonly number[]> {
  const lastWord = `said ${randomBytes(6).toString('hex')}`
  const part = stack.part(`postgres-${serverOf(shard, stack.topology)}`)
  await client.query(`do $$ begin raise log '${lastWord}'; end $$`)
  for (const end = Date.now() + 5_000; Date.now() < end; await setTimeout(10)) {
    const lines = part.logSince(marks.get(part.name) ?? 0).map(({ text }) => text)
    if (!lines.some((line) => line.includes(lastWord))) continue
    const own = `${stack.app(shard).user}@${stack.app(shard).database} `
    return lines.filter((line) => line.includes(own) && line.includes(word) && /LOG: {2}(statement|execute)/.test(line)).map(() => shard)
  }
  throw new Error(`the log of ${part.name} does not show what was written into it`)
}

/** A word that stands in one statement only. */
export const newWord = (): string => `w${randomBytes(6).toString('hex')}`

/** One database with all rows of the shards, asked by the same statements: temporary tables of the same names, in one session. */
export async function openUnion({ connect }: Ways, { direct }: Shards, tables: readonly string[]): Promise<pg.Client> {
  const union = await connect({ direct: 'server' })
  await union.query(`set log_statement = 'none'`)
  for (const table of tables) {
    await union.query(`create temporary table ${table} (like public.${table} including all)`)
    for (const shard of direct) {
      const { rows } = await shard.query<{ row: string }>(`select t::text as row from public.${table} t`)
      for (const { row } of rows) await union.query(`insert into pg_temp.${table} select (cast($1 as public.${table})).*`, [row])
    }
  }
  return union
}

/** Rows as the server's own text, each a line; numbers without the zeros at their end. */
export async function rowsOf(client: pg.Client, text: string, values: readonly unknown[] = []): Promise<readonly string[]> {
  const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig
  const query = { text, values: [...values], rowMode: 'array', types: asText } as const
  const { rows } = await answered(client.query<(string | null)[]>(query), text.slice(0, 60))
  return rows.map((row) => row.map(plain).join('|'))
}

function plain(value: string | null): string {
  if (value === null) return 'null'
  return /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '') : value
}

/** The SQLSTATE with which a statement was refused; what else befell it in words. */
export function sqlstateOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } }
  const code = cause?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : `no SQLSTATE: ${(error as Error).message}`
}
