/** What every server is given once it runs: the shard databases, the SQL set-up, the pooled role's password, and slots for replicas. */
import pg from 'pg'
import { branchDatabase } from '../layout.ts'
import { limitMs } from '../limits.ts'
import { awaitReady } from '../ready.ts'
import type { Login } from '../stack.ts'
import { replicationUser, slotName } from './postgres.ts'
import { scriptsFor } from './set-up-scripts.ts'

export interface SetUp {
  readonly shards: number
  /** Numbers of the shards that lie on this server. */
  readonly here: readonly number[]
  /** Databases of branches on this server. */
  readonly branches: readonly string[]
  readonly replicas: number
  readonly appPassword: string
  /** Pooled roles beside the common one; they share a password. */
  readonly pools: readonly string[]
  readonly poolPassword: string
  readonly replicationPassword: string
  /** Null: gateways count each for itself. */
  readonly leases: { readonly password: string } | null
  readonly claims: { readonly keyId: string; readonly key: Buffer; readonly cluster: string }
  /** Writes the scripts in place of fixtures/schema.ts. */
  readonly program: string | null
}

export const appUser = 'orochi_app'
/** A database and the role it belongs to. */
export const leaseStore = 'orochi_leases'
export const databaseOf = (shard: number) => `orochi_${shard}`

/** Makes slots and databases, fills each database, and gives the roles their passwords. `admin` logs in as superuser, whatever its database. */
export async function setUpServer(admin: Login, wish: SetUp): Promise<void> {
  await withClient({ ...admin, database: 'postgres' }, async (client) => {
    await client.query(`set log_statement = 'none'; set log_min_error_statement = 'panic'; set password_encryption = 'scram-sha-256'`)
    await client.query(`create role ${replicationUser} login replication password ${client.escapeLiteral(wish.replicationPassword)}`)
    for (let replica = 1; replica <= wish.replicas; replica++)
      await client.query('select pg_create_physical_replication_slot($1, true)', [slotName(replica)])
    const databases = [
      ...wish.here.map((shard) => [databaseOf(shard), shard] as const),
      ...wish.branches.map((branch) => [branchDatabase(branch), 0] as const),
    ]
    for (const [name] of databases) await client.query(`create database ${client.escapeIdentifier(name)}`)
    await Promise.all(databases.map(([name, shard]) => fillShard(admin, name, shard, wish)))
    await client.query(`alter role ${appUser} password ${client.escapeLiteral(wish.appPassword)}`)
    if (wish.leases !== null) await makeLeaseStore(client, wish.leases.password)
    for (const user of wish.pools) await givePool(client, user, wish.poolPassword)
  })
}

/** Waits until a standby has replayed all its primary has written so far, and so knows databases, roles and passwords. */
export async function awaitReplica(primary: Login, replica: Login, number: number, signal: AbortSignal): Promise<void> {
  const [goal] = await ask<{ lsn: string }>(primary, 'select pg_current_wal_lsn()::text as lsn')
  const arrived = `select from pg_stat_replication where application_name = $1 and flush_lsn >= $2::pg_lsn`
  const replayed = 'select from pg_stat_wal_receiver where pg_last_wal_replay_lsn() >= $1::pg_lsn'
  const probe = async () =>
    (await ask(primary, arrived, [slotName(number), goal?.lsn])).length > 0 && (await ask(replica, replayed, [goal?.lsn])).length > 0
  const what = `replica ${number} of the server at port ${primary.port}`
  await awaitReady({ what, limitMs: limitMs('replica-catches-up'), probe, hopeless: () => null }, signal)
}

async function ask<T extends pg.QueryResultRow>(login: Login, sql: string, values: unknown[] = []): Promise<readonly T[]> {
  return withClient(login, async (client) => (await client.query<T>(sql, values)).rows)
}

/** It may what the common role may; the set-up has made some of them already. */
async function givePool(client: pg.Client, user: string, password: string): Promise<void> {
  const role = client.escapeIdentifier(user)
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [user])
  if (rowCount === 0) await client.query(`create role ${role} login inherit in role ${appUser}`)
  await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`)
}

/** The gateways make their tables themselves, as its owner. */
async function makeLeaseStore(client: pg.Client, password: string): Promise<void> {
  await client.query(`create role ${leaseStore} login password ${client.escapeLiteral(password)}`)
  await client.query(`create database ${leaseStore} owner ${leaseStore}`)
}

async function fillShard(admin: Login, database: string, shard: number, { shards, claims, program }: SetUp): Promise<void> {
  await withClient({ ...admin, database }, async (client) => {
    const scripts = await scriptsFor(program, { shard, shards, claimsKeyId: claims.keyId, claimsKey: claims.key, cluster: claims.cluster })
    for (const script of scripts) await client.query(script)
    await client.query(`grant connect, temporary on database ${client.escapeIdentifier(database)} to ${appUser}`)
  })
}

/** Acts as a client that leaves afterwards; each connecting and each question has the time limit, ms. */
export async function withClient<T>(
  login: Login,
  act: (client: pg.Client) => Promise<T>,
  answerLimitMs = limitMs('set-up-step'),
): Promise<T> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs })
  client.on('error', () => {})
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end().catch(() => {})
  }
}
