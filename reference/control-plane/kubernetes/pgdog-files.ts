/** PgDog's files, as a cluster's settings want them; keys are those of 0.1.54. */
import { createHash } from 'node:crypto'
import type { ClusterSpec } from '../api/cluster-schemas.ts'
import type { WantedCluster } from '../provisioner.ts'
import { poolSizeOf } from '../settings.ts'

export const poolerPort = 6432
export const metricsPort = 9090
export const healthPort = 8080
export const appUser = 'orochi_app'
export const adminUser = 'admin'

export interface Credentials {
  readonly app: string
  readonly admin: string
}

export const shardsOf = ({ pooler }: ClusterSpec): number => (pooler.sharding_enabled ? pooler.default_shard_count : 1)

/** `server` names the host of a shard. Passwords are in the other file, but for that of the admin database. */
export function pgdogToml({ spec }: WantedCluster, server: (shard: number) => string, drainSeconds: number): string {
  const shards = Array.from({ length: shardsOf(spec) }, (_, shard) => shard)
  const databases = [{ name: spec.database, database: spec.database }, ...spec.branches]
  const rows = databases.flatMap(({ name, database }) =>
    shards.map((shard) => ({ name, host: server(shard), port: 5432, database_name: database, role: 'primary', shard })),
  )
  return [table('[general]', general(spec, drainSeconds)), ...rows.map((row) => table('[[databases]]', row)), ...sharded(spec)].join('\n')
}

function general({ pooler, ...rest }: ClusterSpec, drainSeconds: number): Row {
  const idleMs = pooler.idle_timeout_seconds * 1000
  return {
    host: '0.0.0.0',
    port: poolerPort,
    workers: 2,
    pooler_mode: pooler.mode,
    default_pool_size: poolSizeOf({ pooler, ...rest }),
    min_pool_size: 0,
    idle_timeout: idleMs,
    connect_timeout: 5_000,
    checkout_timeout: 5_000,
    shutdown_timeout: drainSeconds * 1000,
    auth_type: 'scram',
    passthrough_auth: 'disabled',
    openmetrics_port: metricsPort,
    openmetrics_namespace: 'orochi_pgdog_',
    healthcheck_port: healthPort,
    ...(pooler.read_write_split ? { read_write_split: 'include_primary_if_replica_banned' } : {}),
  }
}

/** PgDog knows one integer type and calls text varchar. */
const dataTypes = { smallint: 'bigint', integer: 'bigint', bigint: 'bigint', text: 'varchar', uuid: 'uuid' } as const

function sharded({ pooler, deployment, database }: ClusterSpec): readonly string[] {
  if (!pooler.sharding_enabled) return []
  return deployment.sharded_tables.map(({ schema, name, column, data_type }) =>
    table('[[sharded_tables]]', { database, ...(schema === undefined ? {} : { schema }), name, column, data_type: dataTypes[data_type] }),
  )
}

/** All passwords are here, that of the admin database too: the other file may be read by whoever may read settings. */
export function usersToml({ spec }: WantedCluster, { app, admin }: Credentials): string {
  const databases = [spec.database, ...spec.branches.map(({ name }) => name)]
  const users = databases.map((database) => table('[[users]]', { name: appUser, database, password: app }))
  return [table('[admin]', { name: 'admin', user: adminUser, password: admin }), ...users].join('\n')
}

/** What a running instance does not take by a reload: another value makes new pods. */
export function readAtStart({ spec }: WantedCluster): string {
  return createHash('sha256')
    .update(JSON.stringify({ shards: shardsOf(spec) }))
    .digest('hex')
    .slice(0, 16)
}

type Row = Readonly<Record<string, string | number | boolean>>

function table(head: string, row: Row): string {
  const lines = Object.entries(row).map(([key, value]) => `${key} = ${typeof value === 'string' ? quote(value) : value}\n`)
  return `${head}\n${lines.join('')}`
}

/** JSON's escapes are TOML's, but for one character that JSON leaves bare. */
const quote = (value: string) => JSON.stringify(value).replaceAll('\u007f', '\\u007f')
