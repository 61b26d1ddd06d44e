/** The tables in SQLite, and how an older file becomes a newer one. */
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from './store.ts'

/** Each is applied once, in order; what has been released is never changed. */
const migrations: readonly string[] = [
  `create table clusters (id text primary key, revision integer not null, record text not null) strict, without rowid;
   create table events (id integer primary key autoincrement, cluster_id text not null, event text not null) strict;
   create index events_by_cluster on events (cluster_id, id);`,
]

/** `Orch` in ASCII: a file of somebody else is not touched. */
const applicationId = 0x4f72_6368

export function versionOf(database: DatabaseSync): number {
  const { user_version: version } = database.prepare('pragma user_version').get() as { user_version: number }
  const { application_id: owner } = database.prepare('pragma application_id').get() as { application_id: number }
  const { tables } = database.prepare('select count(*) as tables from sqlite_schema').get() as { tables: number }
  if (owner !== applicationId && (owner !== 0 || tables > 0)) throw new StoreError('foreign', 'this file is a database of something else')
  if (version > migrations.length)
    throw new StoreError('foreign', `this file was written by a newer version (${version}, known is ${migrations.length})`)
  return version
}

export function isCurrent(database: DatabaseSync): boolean {
  return versionOf(database) === migrations.length
}

/** In one transaction: a process that is killed in its midst leaves the old one. */
export function migrate(database: DatabaseSync): void {
  if (isCurrent(database)) return
  database.exec('begin immediate')
  try {
    for (const step of migrations.slice(versionOf(database))) database.exec(step)
    database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}; commit`)
  } catch (cause) {
    if (database.isTransaction) database.exec('rollback')
    throw cause
  }
}
