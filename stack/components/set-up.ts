/** What every server is given once it runs: the shard databases, the SQL set-up, the pooled role's password, and slots for replicas. */
import pg from 'pg'
import { schemaSql } from '../../fixtures/schema.ts'
import type { Login } from '../stack.ts'
import { slotName } from './postgres.ts'

export interface SetUp {
  readonly shards: number
  /** Numbers of the shards that lie on this server. */
  readonly here: readonly number[]
  readonly replicas: number
  readonly appPassword: string
  readonly claims: { readonly keyId: string; readonly key: Buffer; readonly cluster: string }
}

export const appUser = 'orochi_app'
export const databaseOf = (shard: number) => `orochi_${shard}`

/** Makes slots and databases, then fills each database. `admin` logs in as superuser, whatever its database. */
export async function setUpServer(admin: Login, wish: SetUp): Promise<void> {
  await withClient({ ...admin, database: 'postgres' }, async (client) => {
    for (let replica = 1; replica <= wish.replicas; replica++)
      await client.query('select pg_create_physical_replication_slot($1, true)', [slotName(replica)])
    for (const shard of wish.here) await client.query(`create database ${client.escapeIdentifier(databaseOf(shard))}`)
  })
  await Promise.all(wish.here.map((shard) => fillShard(admin, shard, wish)))
  await withClient({ ...admin, database: 'postgres' }, async (client) => {
    await client.query(`set log_statement = 'none'; set password_encryption = 'scram-sha-256'`)
    await client.query(`alter role ${appUser} password ${client.escapeLiteral(wish.appPassword)}`)
  })
}

async function fillShard(admin: Login, shard: number, { shards, claims }: SetUp): Promise<void> {
  await withClient({ ...admin, database: databaseOf(shard) }, async (client) => {
    const scripts = schemaSql({ shard, shards, claimsKeyId: claims.keyId, claimsKey: claims.key, cluster: claims.cluster })
    for (const script of scripts) await client.query(script)
    await client.query(`grant connect, temporary on database ${client.escapeIdentifier(databaseOf(shard))} to ${appUser}`)
  })
}

export async function withClient<T>(login: Login, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end().catch(() => {})
  }
}
