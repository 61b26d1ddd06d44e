/** Looks into a running stack: the configuration in effect, and the state at the moment of a failure. */
import pg from 'pg'
import { adminDatabase, adminUser } from './components/pgdog.ts'
import { superuser } from './components/postgres.ts'
import { withClient } from './components/set-up.ts'
import { mainPort } from './layout.ts'
import type { Running } from './launch.ts'
import type { StackSecrets } from './secrets.ts'
import type { Login, Stack } from './stack.ts'

type Told = Record<string, unknown>

const settingsSql = `select name, setting, unit from pg_settings where source <> 'default' and name !~ 'conninfo|passphrase' order by name`
const stateQueries = {
  activity: `select pid, datname, usename, application_name, state, wait_event_type, wait_event, xact_start, left(query, 200) as query from pg_stat_activity where backend_type = 'client backend'`,
  prepared: 'select gid, prepared, owner, database from pg_prepared_xacts',
  locks: 'select pid, locktype, mode, granted from pg_locks where not granted',
  replication: 'select application_name, state, sent_lsn, replay_lsn from pg_stat_replication',
} as const

/** What each part was told in its files, pg_settings of each server, and what PgDog says of its own configuration. */
export async function effectiveSettings(stack: Stack, secrets: StackSecrets, configs: ReadonlyMap<string, string>): Promise<Told> {
  const told: Told = {}
  for (const part of stack.parts()) told[part.name] = { files: configs.get(part.name) ?? '', effective: await effectiveOf(part, stack, secrets) }
  return told
}

async function effectiveOf(part: Running, stack: Stack, secrets: StackSecrets): Promise<unknown> {
  if (part.kind === 'postgres') return ask(superuserOf(part, secrets), settingsSql)
  const isPgdog = part.kind === 'pooler' && stack.topology.pooler?.kind === 'pgdog'
  return isPgdog ? withoutSecrets(await ask(admin(part, secrets), 'SHOW CONFIG')) : 'as in its files'
}

/** pg_stat_activity, prepared transactions and locks of each server, and the pools. */
export async function snapshotOf(stack: Stack, secrets: StackSecrets): Promise<Told> {
  const told: Told = {}
  for (const part of stack.parts('postgres')) {
    const answers = Object.entries(stateQueries).map(async ([name, sql]) => [name, await ask(superuserOf(part, secrets), sql)] as const)
    told[part.name] = Object.fromEntries(await Promise.all(answers))
  }
  for (const part of stack.parts('pooler'))
    told[part.name] = stack.topology.pooler?.kind === 'pgdog' ? await pgdogState(part, secrets) : await scrape(part)
  for (const part of stack.parts('gateway')) told[part.name] = await scrape(part)
  told['links'] = stack.links().map(({ target, counters, open }) => ({ target, open, ...counters }))
  return told
}

async function pgdogState(part: Running, secrets: StackSecrets): Promise<Told> {
  const questions = ['SHOW VERSION', 'SHOW POOLS', 'SHOW CLIENTS', 'SHOW SERVERS']
  const answers: Told = {}
  for (const question of questions) answers[question] = await ask(admin(part, secrets), question)
  return answers
}

/** The counters a part offers on its operations port, as text; a part that does not answer is told so. */
async function scrape(part: Running): Promise<unknown> {
  const address = part.addresses['operations']
  if (address === undefined) return 'no operations port'
  try {
    return await (await fetch(`http://${address.host}:${address.port}/metrics`, { signal: AbortSignal.timeout(3_000) })).text()
  } catch (error) {
    return `does not answer: ${(error as Error).message}`
  }
}

/** A part that cannot be asked is part of the state, not an error of ours. */
async function ask(login: Login, sql: string): Promise<unknown> {
  try {
    return await withClient(login, async (client) => (await client.query<pg.QueryResultRow>(sql)).rows)
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
