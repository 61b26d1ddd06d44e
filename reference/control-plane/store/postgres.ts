/** Clusters in a PostgreSQL database: for control planes on several machines. */
import { Client, Pool, type ClientBase } from 'pg'
import type { WakeEvent } from '../api/pooler-schemas.ts'
import { eventOf, type ClusterRecord, type NewEvent } from '../clusters/record.ts'
import { migrate } from './postgres-schema.ts'
import { StoreError, type Store, type StoreFault } from './store.ts'

export interface PostgresTerms {
  readonly url: string
  /** For each question and each change. */
  readonly timeoutMs: number
}

/** Names the lock: a number of our own. */
const lockKey = 0x4f72_6f63

/** Throws a StoreError when there is no such database to be had. */
export async function openPostgres({ url, timeoutMs }: PostgresTerms): Promise<Store> {
  const connection = {
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'orochi-control-plane',
  }
  const pool = new Pool({ ...connection, max: 4 })
  // Told by the next question that fails.
  pool.on('error', () => {})
  const leader = new Leader(() => new Client({ ...connection, keepAlive: true }))
  try {
    await guard(() => migrate(pool))
  } catch (cause) {
    await pool.end()
    throw cause
  }
  return storeOn(pool, leader)
}

/** The lock is held by the very connection that changes are made on: who loses the one cannot make the other. */
class Leader {
  readonly #connect: () => Client
  #client: Client | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(connect: () => Client) {
    this.#connect = connect
  }

  take(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#client !== null) return await this.#isAlive(this.#client)
      const client = this.#connect()
      const lose = () => this.#lose(client)
      client.on('error', lose)
      client.on('end', lose)
      await client.connect()
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKey])
      if (rows[0]?.got !== true) return (await client.end(), false)
      this.#client = client
      return true
    })
  }

  /** Alone on the connection. */
  change<T>(act: (client: ClientBase) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const client = this.#client
      if (client === null) throw new StoreError('not_leading', 'another control plane leads')
      try {
        return await act(client)
      } catch (cause) {
        // Whatever state it is in: the lock goes with it, and is taken anew.
        this.#lose(client)
        throw cause
      }
    })
  }

  async end(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.end().catch(() => {})
  }

  async #isAlive(client: Client): Promise<boolean> {
    try {
      await client.query('select 1')
      return this.#client === client
    } catch {
      this.#lose(client)
      return false
    }
  }

  #lose(client: Client): void {
    if (this.#client !== client) return
    this.#client = null
    client.end().catch(() => {})
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(act, act)
    this.#turn = next.catch(() => {})
    return next
  }
}

function storeOn(pool: Pool, leader: Leader): Store {
  const rows = <R extends object>(text: string, values: unknown[]) => guard(async () => (await pool.query<R>(text, values)).rows)

  function transact(record: ClusterRecord, events: readonly NewEvent[], text: string, values: unknown[]): Promise<boolean> {
    return guard(() =>
      leader.change(async (client) => {
        await client.query('begin')
        const done = (await client.query(text, values)).rowCount === 1
        if (done) for (const event of events) await client.query(insertEvent, [record.id, JSON.stringify(eventOf(record, event, 1))])
        await client.query(done ? 'commit' : 'rollback')
        return done
      }),
    )
  }

  return {
    kind: 'postgres',
    lead: () => guard(() => leader.take()),
    get: async (id) =>
      (await rows<{ record: ClusterRecord }>('select record from orochi_control.clusters where id = $1', [id]))[0]?.record ?? null,
    list: async (after, limit) =>
      (
        await rows<{ record: ClusterRecord }>('select record from orochi_control.clusters where id > $1 order by id limit $2', [
          after,
          limit,
        ])
      ).map(({ record }) => record),
    create: (record, events) =>
      transact(record, events, 'insert into orochi_control.clusters (id, revision, record) values ($1, $2, $3) on conflict do nothing', [
        record.id,
        record.revision,
        JSON.stringify(record),
      ]),
    async replace(record, events) {
      const next = { ...record, revision: record.revision + 1 }
      const text = 'update orochi_control.clusters set revision = $1, record = $2 where id = $3 and revision = $4'
      return (await transact(next, events, text, [next.revision, JSON.stringify(next), record.id, record.revision])) ? next : null
    },
    remove: (record, events) =>
      transact(record, events, 'delete from orochi_control.clusters where id = $1 and revision = $2', [record.id, record.revision]),
    events: async ({ cluster, after, limit }) =>
      (await rows<{ id: string; event: WakeEvent }>(selectEvents, [cluster ?? null, after, limit])).map(({ id, event }) => ({
        ...event,
        id: Number(id),
      })),
    lastEventId: async () =>
      Number((await rows<{ id: string }>('select coalesce(max(id), 0) as id from orochi_control.events', []))[0]?.id ?? 0),
    prune: (keep) =>
      guard(() =>
        leader.change(async (client) => {
          await client.query('delete from orochi_control.events where id <= (select max(id) from orochi_control.events) - $1', [keep])
        }),
      ),
    async [Symbol.asyncDispose]() {
      await leader.end()
      if (!pool.ending) await pool.end()
    },
  }
}

const insertEvent = 'insert into orochi_control.events (cluster_id, event) values ($1, $2)'
const selectEvents = `select id, event from orochi_control.events
  where ($1::text is null or cluster_id = $1) and id > $2 order by id limit $3`

/** By SQLSTATE: a disk that is full, a server that only reads. */
const faults: Readonly<Record<string, StoreFault>> = { '53100': 'full', '25006': 'read_only' }

async function guard<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    const { code = '', message } = cause as { code?: string; message: string }
    throw new StoreError(faults[code] ?? 'unavailable', `the store: ${message}`, cause)
  }
}
