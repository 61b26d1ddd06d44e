/** Clusters in one SQLite file: for one machine, and for whoever may take over on it. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { WakeEvent } from '../api/pooler-schemas.ts'
import { eventOf, type ClusterRecord, type NewEvent } from '../clusters/record.ts'
import { lockBeside, type Lock } from './sqlite-lock.ts'
import { isCurrent, migrate } from './sqlite-schema.ts'
import { StoreError, type StoreFault } from './store.ts'
import type { EventQuery, Store } from './store.ts'

export interface SqliteTerms {
  readonly path: string
  /** Never changes anything, and never leads. */
  readonly readOnly?: boolean
  /** Full when it has reached that. */
  readonly maxBytes?: number
}

const pageBytes = 4096
const busyTimeoutMs = 2000

/** Throws a StoreError when there is no such file to be had. */
export function openSqlite({ path, readOnly = false, maxBytes }: SqliteTerms): Store {
  return guard(() => {
    const database = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs })
    try {
      prepareFile(database, readOnly, maxBytes)
      return storeOn(database, readOnly ? null : lockBeside(`${path}.lock`))
    } catch (cause) {
      database.close()
      throw cause
    }
  }, path)
}

function prepareFile(database: DatabaseSync, readOnly: boolean, maxBytes: number | undefined): void {
  if (readOnly) {
    if (!isCurrent(database)) throw new StoreError('foreign', 'this file is not one that was written by this version')
    return
  }
  database.exec(`pragma page_size = ${pageBytes}; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on`)
  migrate(database)
  if (maxBytes !== undefined) database.exec(`pragma max_page_count = ${Math.ceil(maxBytes / pageBytes)}`)
}

type Statements = Readonly<Record<keyof typeof texts, StatementSync>>

const texts = {
  get: 'select record from clusters where id = ?',
  list: 'select record from clusters where id > ? order by id limit ?',
  insert: 'insert into clusters (id, revision, record) values (?, ?, ?) on conflict do nothing',
  update: 'update clusters set revision = ?, record = ? where id = ? and revision = ?',
  remove: 'delete from clusters where id = ? and revision = ?',
  addEvent: 'insert into events (cluster_id, event) values (?, ?)',
  events: 'select id, event from events where id > ? order by id limit ?',
  eventsOf: 'select id, event from events where cluster_id = ? and id > ? order by id limit ?',
  lastEvent: `select coalesce((select seq from sqlite_sequence where name = 'events'), 0) as id`,
  prune: 'delete from events where id <= (select max(id) from events) - ?',
} as const

function storeOn(database: DatabaseSync, lock: Lock | null): Store {
  const statements = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, database.prepare(text)])) as Statements
  let leads = false
  const answer = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(guard(act)))

  /** All of it or nothing. */
  function transact(record: ClusterRecord, events: readonly NewEvent[], change: () => number | bigint): Promise<boolean> {
    return answer(() => {
      if (lock === null) throw new StoreError('read_only', 'this store is only read')
      if (!leads) throw new StoreError('not_leading', 'another control plane leads')
      database.exec('begin immediate')
      try {
        const done = Number(change()) === 1
        if (done) for (const event of events) statements.addEvent.run(record.id, JSON.stringify(eventOf(record, event, 1)))
        database.exec(done ? 'commit' : 'rollback')
        return done
      } catch (cause) {
        if (database.isTransaction) database.exec('rollback')
        throw cause
      }
    })
  }

  return {
    kind: 'sqlite',
    lead: () => answer(() => (leads = lock?.take() ?? false)),
    get: (id) => answer(() => recordIn(statements.get.get(id))),
    list: (after, limit) => answer(() => statements.list.all(after, limit).map((row) => recordIn(row)!)),
    create: (record, events) =>
      transact(record, events, () => statements.insert.run(record.id, record.revision, JSON.stringify(record)).changes),
    async replace(record, events) {
      const next = { ...record, revision: record.revision + 1 }
      const change = () => statements.update.run(next.revision, JSON.stringify(next), record.id, record.revision).changes
      return (await transact(next, events, change)) ? next : null
    },
    remove: (record, events) => transact(record, events, () => statements.remove.run(record.id, record.revision).changes),
    events: (query) => answer(() => readEvents(statements, query)),
    lastEventId: () => answer(() => Number((statements.lastEvent.get() as { id: number }).id)),
    prune: (keep) => answer(() => void (leads && statements.prune.run(keep))),
    async [Symbol.asyncDispose]() {
      leads = false
      if (database.isOpen) database.close()
      lock?.[Symbol.dispose]()
    },
  }
}

function readEvents(statements: Statements, { cluster, after, limit }: EventQuery): WakeEvent[] {
  const rows = cluster === undefined ? statements.events.all(after, limit) : statements.eventsOf.all(cluster, after, limit)
  return rows.map((row) => ({ ...(JSON.parse(String(row['event'])) as WakeEvent), id: Number(row['id']) }))
}

function recordIn(row: Record<string, unknown> | undefined): ClusterRecord | null {
  return row === undefined ? null : (JSON.parse(String(row['record'])) as ClusterRecord)
}

/** By SQLite's primary result codes. */
const faults: Readonly<Record<number, StoreFault>> = { 8: 'read_only', 13: 'full', 26: 'foreign' }

function guard<T>(act: () => T, path?: string): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    const code = ((cause as { errcode?: number }).errcode ?? 0) % 256
    const where = path === undefined ? 'the store' : path
    throw new StoreError(faults[code] ?? 'unavailable', `${where}: ${(cause as Error).message}`, cause)
  }
}
