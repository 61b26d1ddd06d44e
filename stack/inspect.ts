/** Looks into a running stack: the configuration in effect, and the state at the moment of a failure. */
import pg from 'pg'
import { adminDatabase, adminUser } from './components/pgdog.ts'
import { superuser } from './components/postgres.ts'
import { withClient } from './components/set-up.ts'
import { mainPort } from './layout.ts'
import type { Running } from './launch.ts'
import { blank } from './links/blank.ts'
import type { StackSecrets } from './secrets.ts'
import type { Login, Stack } from './stack.ts'
import type { Topology } from './topology.ts'

type Told = Record<string, unknown>

const answerLimitMs = 3_000

const settingsSql = `select name, setting, unit from pg_settings where source <> 'default' and name !~ 'conninfo|passphrase' order by name`
const stateQueries = {
  activity: `select pid, datname, usename, application_name, state, wait_event_type, wait_event, xact_start, left(query, 200) as query from pg_stat_activity where backend_type = 'client backend'`,
  prepared: 'select gid, prepared, owner, database from pg_prepared_xacts',
  locks: 'select pid, locktype, mode, granted from pg_locks where not granted',
  replication: 'select application_name, state, sent_lsn, replay_lsn from pg_stat_replication',
} as const

const pgdogQueries = { version: 'SHOW VERSION', pools: 'SHOW POOLS', clients: 'SHOW CLIENTS', servers: 'SHOW SERVERS' } as const

/** What each part was told in its files, pg_settings of each server, and what PgDog says of its own configuration. */
export async function effectiveSettings(stack: Stack, secrets: StackSecrets, configs: ReadonlyMap<string, string>): Promise<Told> {
  return ofEach(stack.parts(), async (part) => ({
    files: configs.get(part.name) ?? '',
    effective: await effectiveOf(part, stack, secrets),
  }))
}

async function ofEach<T>(parts: readonly Running[], tell: (part: Running) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(parts.map(async (part) => [part.name, await tell(part)] as const)))
}

async function effectiveOf(part: Running, stack: Stack, secrets: StackSecrets): Promise<unknown> {
  if (part.kind === 'postgres') return ask(superuserOf(part, secrets), settingsSql)
  return isPgdog(part, stack.topology) ? withoutSecrets(await ask(admin(part, secrets), 'SHOW CONFIG')) : 'as in its files'
}

/** Part name → version: as its program tells it, and for PgDog as it tells itself once it runs. */
export async function versionsOf(parts: readonly Running[], topology: Topology, secrets: StackSecrets): Promise<Record<string, string>> {
  return ofEach(parts, async (part) => {
    const told = isPgdog(part, topology) ? await ask(admin(part, secrets), 'SHOW VERSION') : null
    const [row] = Array.isArray(told) ? (told as Told[]) : []
    return row === undefined ? part.version : String(Object.values(row)[0])
  })
}

const isPgdog = (part: Running, topology: Topology) => part.kind === 'pooler' && topology.pooler?.kind === 'pgdog'

/** pg_stat_activity, prepared transactions and locks of each server, and the pools. */
export async function snapshotOf(stack: Stack, secrets: StackSecrets): Promise<Told> {
  const told: Told = await ofEach(stack.parts(), (part) => stateOf(part, stack.topology, secrets))
  told['links'] = stack.links().map(({ target, counters, open }) => ({ target, open, ...counters }))
  return JSON.parse(blankTexts(told)) as Told
}

function stateOf(part: Running, topology: Topology, secrets: StackSecrets): Promise<unknown> {
  if (part.kind === 'postgres') return askAll(superuserOf(part, secrets), stateQueries)
  return isPgdog(part, topology) ? askAll(admin(part, secrets), pgdogQueries) : scrape(part)
}

/** The texts of statements may hold anything. */
function blankTexts(told: Told): string {
  return JSON.stringify(told, (_, value: unknown) => (typeof value === 'string' && value.length < 4_000 ? blank(value) : value))
}

async function askAll(login: Login, questions: Readonly<Record<string, string>>): Promise<Told> {
  const answers: Told = {}
  for (const [name, question] of Object.entries(questions)) answers[name] = await ask(login, question)
  return answers
}

/** The counters a part offers on its operations port, as text; a part that does not answer is told so. */
async function scrape(part: Running): Promise<unknown> {
  const address = part.addresses['operations']
  if (address === undefined) return 'no operations port'
  try {
    return await (await fetch(`http://${address.host}:${address.port}/metrics`, { signal: AbortSignal.timeout(answerLimitMs) })).text()
  } catch (error) {
    return `does not answer: ${(error as Error).message}`
  }
}

/** A part that cannot be asked, or hangs, is part of the state and no error of ours. */
async function ask(login: Login, sql: string): Promise<unknown> {
  try {
    return await withClient(login, async (client) => (await client.query<pg.QueryResultRow>(sql)).rows, answerLimitMs)
  } catch (error) {
    return `cannot be asked: ${(error as Error).message}`
  }
}

function superuserOf(part: Running, secrets: StackSecrets): Login {
  return { ...mainPort(part), user: superuser, password: secrets.superuserPassword, database: 'postgres' }
}

function admin(part: Running, secrets: StackSecrets): Login {
  return { ...mainPort(part), user: adminUser, password: secrets.adminPassword, database: adminDatabase }
}

function withoutSecrets(rows: unknown): unknown {
  return Array.isArray(rows) ? rows.filter((row: Record<string, unknown>) => !/password/i.test(String(row['name']))) : rows
}
