/** Where cases are played: the system under test on three shards, and one plain PostgreSQL that holds all rows. */
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import type { Stack } from '../../stack/stack.ts'
import type { Case } from './chance.ts'
import { keyIn, tablesSql, type Schema } from './schema.ts'
import type { Rendered } from './query.ts'

/** What came of one statement. */
export type Outcome =
  | { readonly kind: 'rows'; readonly tag: string; readonly rows: readonly string[] }
  | { readonly kind: 'error'; readonly sqlstate: string; readonly message: string }

export interface World extends AsyncDisposable {
  readonly truth: Player
  readonly system: Player
  /** Both hold the rows of the case and nothing else. */
  begin(what: Case): Promise<void>
  /** Transactions of the system that are still open or prepared though no client is there; they are ended. */
  leftOpen(): Promise<LeftOpen>
  /** What both hold now, and rows that lie where they do not belong. */
  compare(schema: Schema): Promise<{ readonly truth: string; readonly system: string; readonly misplaced: readonly string[] }>
}

/** Transactions that nobody is in any more: open for seconds after their client left, or prepared and forgotten. */
export type LeftOpen = readonly string[]

export interface Player {
  run(statement: Rendered): Promise<Outcome>
  /** A fresh connection, whatever became of the last. */
  renew(): Promise<void>
}

const answerLimitMs = 15_000
const texts = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

export async function openWorld(stack: Stack, schemas: readonly Schema[]): Promise<World> {
  await using scope = new AsyncDisposableStack()
  const login = { ...stack.server(0), database: 'truth' }
  await makeTruth(stack, login)
  const shards = await Promise.all(Array.from({ length: stack.topology.shards }, (_, shard) => connected(stack.server(shard), scope)))
  const truthAdmin = await connected(login, scope)
  await makeTables(stack, schemas, truthAdmin, shards)
  const truth = scope.use(makePlayer(login))
  const system = scope.use(makePlayer(stack.pooler))
  await Promise.all([truth.renew(), system.renew()])
  const owned = scope.move()
  return {
    truth,
    system,
    begin: (what) => lay(what, truthAdmin, shards),
    leftOpen: () => endLeftOpen(shards, stack.app(0).user),
    compare: (schema) => compare(schema, truthAdmin, shards),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function makeTruth(stack: Stack, login: pg.ClientConfig): Promise<void> {
  await using scope = new AsyncDisposableStack()
  await (await connected({ ...login, database: 'postgres' }, scope)).query('create database truth')
  const client = await connected(login, scope)
  await client.query(readFileSync(new URL('../../fixtures/sql/05-sharded.sql', import.meta.url), 'utf8'))
  await client.query('create table countries (code text primary key, name text not null)')
  const source = await connected(stack.server(0), scope)
  for (const { code, name } of (await source.query<{ code: string; name: string }>('select code, name from countries')).rows)
    await client.query('insert into countries values ($1, $2)', [code, name])
}

/** They come into being behind the pooler's back: it is told to look again. */
async function makeTables(stack: Stack, schemas: readonly Schema[], truth: pg.Client, shards: readonly pg.Client[]): Promise<void> {
  for (const schema of schemas.slice(1)) {
    await truth.query(tablesSql(schema, null))
    await Promise.all(shards.map((client) => client.query(tablesSql(schema, stack.app(0).user))))
  }
  await stack.operator().reload()
}

async function connected(login: pg.ClientConfig, scope: AsyncDisposableStack): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs })
  client.on('error', () => {})
  scope.defer(() => client.end().catch(() => {}))
  await client.connect()
  return client
}

function makePlayer(login: pg.ClientConfig): Player & AsyncDisposable {
  let scope = new AsyncDisposableStack()
  let client: pg.Client | null = null
  const renew = async () => {
    await scope.disposeAsync()
    scope = new AsyncDisposableStack()
    client = await connected(login, scope)
  }
  return {
    renew,
    run: async (statement) => play(client!, statement),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  }
}

async function play(client: pg.Client, { text, values, bound }: Rendered): Promise<Outcome> {
  const said = { text, ...(bound ? { values: [...values] } : {}), rowMode: 'array', types: texts } as const
  try {
    const { command, rowCount, rows } = await client.query<(string | null)[]>(said)
    return { kind: 'rows', tag: `${command} ${rowCount ?? ''}`.trim(), rows: rows.map((row) => row.map(plain).join('|')) }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return { kind: 'error', sqlstate: code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : 'none', message }
  }
}

/** Numbers without the zeros at their end: how many digits an average is written with is no matter. */
function plain(cell: string | null): string {
  if (cell === null) return '∅'
  return /^-?\d+\.\d+$/.test(cell) ? cell.replace(/\.?0+$/, '') : cell
}

/** Rows go straight to the shard that the reference hash names, past the system under test. */
async function lay({ schema, items, lines }: Case, truth: pg.Client, shards: readonly pg.Client[]): Promise<void> {
  const { names: n, keyType } = schema
  const typed = <T extends { readonly id: string }>(rows: readonly T[]) =>
    JSON.stringify(rows.map((row) => ({ ...row, id: keyIn(schema, row.id) })))
  await Promise.all([truth, ...shards].map((client) => client.query(`truncate ${n.items}, ${n.item_lines}`)))
  for (const [at, client] of [truth, ...shards].entries()) {
    const own = at === 0 ? 'true' : `orochi.get_shard_index(orochi.hash_value(id::${keyType}), ${shards.length}) = ${at - 1}`
    await client.query(
      `insert into ${n.items} (${n.item_id}, ${n.grp}, ${n.amount}, ${n.price}) select id::${keyType}, grp, amount, price
         from json_to_recordset($1) as t(id text, grp text, amount int8, price numeric) where ${own}`,
      [typed(items)],
    )
    await client.query(
      `insert into ${n.item_lines} (${n.item_id}, ${n.line}, ${n.country}, ${n.qty}) select id::${keyType}, line, country, qty
         from json_to_recordset($1) as t(id text, line int, country text, qty int) where ${own}`,
      [typed(lines)],
    )
  }
}

const settleMs = 5_000
const openSql = `
  select format('a transaction of %s is %s: %s', usename, state, left(query, 80)) as what from pg_stat_activity
   where datname = current_database() and usename = $1 and state <> 'idle'
  union all select format('%s is prepared', gid) from pg_prepared_xacts where database = current_database()`

async function endLeftOpen(shards: readonly pg.Client[], user: string): Promise<LeftOpen> {
  const look = async () =>
    (await Promise.all(shards.map((client) => client.query<{ what: string }>(openSql, [user])))).flatMap(({ rows }) =>
      rows.map(({ what }) => what),
    )
  let left = await look()
  for (const end = Date.now() + settleMs; left.length > 0 && Date.now() < end; left = await look()) await setTimeout(10)
  if (left.length > 0) await Promise.all(shards.map((client) => endAll(client, user)))
  return left
}

async function endAll(client: pg.Client, user: string): Promise<void> {
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = $1`, [user])
  const { rows } = await client.query<{ gid: string }>('select gid from pg_prepared_xacts where database = current_database()')
  for (const { gid } of rows) await client.query(`rollback prepared ${client.escapeLiteral(gid)}`)
}

async function compare({ names }: Schema, truth: pg.Client, shards: readonly pg.Client[]) {
  const tables = [names.items, names.item_lines]
  const rowsOf = async (client: pg.Client) => {
    const { rows } = await client.query<{ row: string }>(
      tables.map((table) => `select '${table} ' || t::text as row from ${table} t`).join(' union all '),
    )
    return rows.map(({ row }) => row)
  }
  const onShards = await Promise.all(shards.map(rowsOf))
  const misplaced: string[] = []
  for (const [shard, client] of shards.entries()) {
    const away = `orochi.get_shard_index(orochi.hash_value(${names.item_id}), ${shards.length}) <> ${shard}`
    const sql = tables.map((table) => `select '${table} ' || ${names.item_id} as row from ${table} where ${away}`).join(' union all ')
    misplaced.push(...(await client.query<{ row: string }>(sql)).rows.map(({ row }) => `${row} on shard ${shard}`))
  }
  return { truth: (await rowsOf(truth)).toSorted().join('\n'), system: onShards.flat().toSorted().join('\n'), misplaced }
}
