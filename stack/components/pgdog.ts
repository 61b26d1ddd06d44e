/** PgDog as a part: pgdog.toml and users.toml from the topology, with real keys of 0.1.54 only. */
import { HarnessError } from '../harness-error.ts'
import type { Launch } from '../launch.ts'
import { findPgdog } from './pgdog-binary.ts'
import { routingSettings, routingTables } from './pgdog-routing.ts'
import { poolerName, roleIn, type FurtherUser, type PoolerPlan, type ShardServer } from './pooler.ts'
import { tomlTable, tomlTables, type TomlRow, type TomlValue } from './toml.ts'

export const adminDatabase = 'admin'
export const adminUser = 'admin'

export function pgdogLaunch(plan: PoolerPlan): Launch {
  const found = findPgdog()
  if (found === null) throw new HarnessError('capability-absent', 'PgDog is not here: put `pgdog` on the PATH or name it in PGDOG_BIN')
  return {
    name: poolerName(plan.instance),
    kind: 'pooler',
    version: found.version,
    process: {
      program: { binary: found.path },
      argv: ['--config', '{file:pgdog.toml}', '--users', '{file:users.toml}', 'run'],
      prepared: null,
      unprivileged: false,
      sign: null,
    },
    container: null,
    // The name of an instance outlives it: without one, prepared transactions of its last life are not known to be its own.
    env: { NO_COLOR: '1', RUST_LOG: 'info', NODE_ID: poolerName(plan.instance) },
    files: [
      { name: 'pgdog.toml', content: pgdogToml(plan), mode: 0o600 },
      { name: 'users.toml', content: usersToml(plan), mode: 0o600 },
      ...(plan.wish.verifyServers ? [{ name: 'servers.pem', content: plan.ca, mode: 0o644 }] : []),
      // PgDog does not make the folder of its log, and ends without one.
      ...(plan.sharding.twoPhaseCommit ? [{ name: '2pc/', content: '', mode: 0o700 }] : []),
    ],
    ports: { main: 6432, metrics: 9090 },
    ready: {
      kind: 'postgres',
      port: 'main',
      user: adminUser,
      password: plan.adminPassword,
      database: adminDatabase,
      query: 'SHOW VERSION',
    },
    startLimit: 'part-start',
    // SIGTERM ends PgDog at once; SIGINT lets it drain.
    stop: { signal: 'SIGINT', graceMs: 3_000 },
    clock: false,
    offers: ['pooler', 'pooler-admin'],
  }
}

/** The main file. A client that disappears must not leave its server behind for minutes, so time limits follow the wish. */
export function pgdogToml(plan: PoolerPlan): string {
  const { wish, shards, database, adminPassword } = plan
  const further = sortSettings(wish.settings)
  const general: TomlRow = {
    host: '{host}',
    port: '{port:main}',
    workers: 2,
    pooler_mode: wish.mode,
    default_pool_size: wish.poolSize,
    min_pool_size: wish.minPoolSize,
    idle_timeout: wish.idleTimeoutMs,
    connect_timeout: wish.connectTimeoutMs,
    checkout_timeout: wish.waitTimeoutMs,
    ...(wish.answerTimeoutMs === 0 ? {} : { query_timeout: wish.answerTimeoutMs }),
    shutdown_timeout: 2_000,
    auth_type: 'scram',
    passthrough_auth: 'disabled',
    ...tlsOf(wish),
    openmetrics_host: '{host}',
    openmetrics_port: '{port:metrics}',
    openmetrics_namespace: 'orochi_pgdog_',
    ...routingSettings(plan),
    ...further.general,
  }
  const rows = (name: string, servers: readonly ShardServer[], shard: number) =>
    servers.map(({ role, host, port, database: at }) => ({ name, host, port, database_name: at, role: roleIn(wish, role), shard }))
  const databases = [
    ...shards.flatMap((servers, shard) => rows(database, servers, shard)),
    ...Object.entries(plan.branches).flatMap(([name, servers]) => rows(name, servers, 0)),
  ]
  const admin = { name: adminDatabase, user: adminUser, password: adminPassword }
  const routing = Object.entries(routingTables(plan)).filter(([name]) => !(name in wish.settings))
  const head = [tomlTable('general', general), tomlTable('admin', admin), tomlTables('databases', databases)]
  return [...head, ...routing.map(tableText), ...further.tables].join('\n')
}

/** The hop is on the loopback address, and a Link can tell what passes only in the clear. */
const tlsOf = ({ verifyServers }: PoolerPlan['wish']): TomlRow =>
  verifyServers ? { tls_verify: 'verify_full', tls_server_ca_certificate: '{file:servers.pem}' } : { tls_verify: 'disabled' }

/** A setting that is a record becomes a table of its own, a list of records one table for each; anything else is a general one. */
function sortSettings(settings: Readonly<Record<string, unknown>>): { readonly general: TomlRow; readonly tables: readonly string[] } {
  const general: Record<string, TomlValue> = {}
  const tables: string[] = []
  for (const [name, value] of Object.entries(settings)) {
    if (isRecord(value) || (Array.isArray(value) && value.every(isRecord))) tables.push(tableText([name, value as TomlRow | TomlRow[]]))
    else general[name] = value as TomlValue
  }
  return { general, tables }
}

function tableText([name, rows]: readonly [string, TomlRow | readonly TomlRow[]]): string {
  return Array.isArray(rows) ? tomlTables(name, rows as readonly TomlRow[]) : tomlTable(name, rows as TomlRow)
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

export function usersToml({ user, password, further, database, branches, wish }: PoolerPlan): string {
  const users: readonly FurtherUser[] = [{ user, password }, ...further]
  return tomlTables(
    'users',
    [database, ...Object.keys(branches)].flatMap((name) =>
      users.map((one) => ({
        name: one.user,
        database: name,
        password: one.password,
        pool_size: one.poolSize ?? wish.poolSize,
        ...(one.poolSize === undefined ? {} : { min_pool_size: Math.min(wish.minPoolSize, one.poolSize) }),
        ...(one.mode === undefined ? {} : { pooler_mode: one.mode }),
        ...(one.twoPhaseCommit === undefined ? {} : { two_phase_commit: one.twoPhaseCommit, two_phase_commit_auto: one.twoPhaseCommit }),
      })),
    ),
  )
}
