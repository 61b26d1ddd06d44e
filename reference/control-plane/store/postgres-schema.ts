/** The tables in PostgreSQL, and how an older database becomes a newer one. */
import type { Pool } from 'pg'
import { StoreError } from './store.ts'

/** Each is applied once, in order; what has been released is never changed. */
const migrations: readonly string[] = [
  `create table orochi_control.clusters (id text collate "C" primary key, revision bigint not null, record jsonb not null);
   create table orochi_control.events (id bigint generated always as identity primary key, cluster_id text not null, event jsonb not null);
   create index events_by_cluster on orochi_control.events (cluster_id, id);`,
]

/** Held while the tables change; another number than that of the lead. */
const migrationLock = 0x4f72_6f64

export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    const version = await versionOf((text) => client.query<{ version: number }>(text))
    if (version > migrations.length)
      throw new StoreError('foreign', `this database was written by a newer version (${version}, known is ${migrations.length})`)
    for (const step of migrations.slice(version)) await client.query(step)
    if (version < migrations.length) await client.query('insert into orochi_control.versions values ($1)', [migrations.length])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => {})
    throw cause
  } finally {
    client.release()
  }
}

type Ask = (text: string) => Promise<{ readonly rows: readonly { readonly version: number }[] }>

/** Nothing is created in a database that has it already: one may be only allowed to use it. */
async function versionOf(ask: Ask): Promise<number> {
  const { rows: found } = await ask(
    `select count(*)::int as version from pg_tables where schemaname = 'orochi_control' and tablename = 'versions'`,
  )
  if (found[0]?.version !== 1) {
    await ask('create schema if not exists orochi_control')
    await ask('create table orochi_control.versions (version int primary key)')
  }
  return (await ask('select coalesce(max(version), 0) as version from orochi_control.versions')).rows[0]?.version ?? 0
}
