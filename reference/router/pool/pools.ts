/** All pools: one per user and server of a database, made when first asked for. */
import type { SaltedCache } from '../../wire/index.ts'
import type { Logger } from 'pino'
import { Greetings } from '../client/greeting.ts'
import type { DatabaseConfig, RouterConfig, ServerConfig } from '../config.ts'
import { poolOf, type PoolConfig, type PoolMode } from '../config-pool.ts'
import type { Metrics } from '../metrics.ts'
import type { Pieces } from '../pieces.ts'
import { dial } from '../server/dial.ts'
import { placeOf, type ServerTarget } from '../server/target.ts'
import { Pool } from './pool.ts'

/** A database as one user reaches it. */
export interface Place {
  readonly database: DatabaseConfig
  readonly user: string
  readonly mode: PoolMode
  /** Whether this user's writes to several shards may be committed in two phases. */
  readonly twoPhaseCommit: boolean
  /** Shard 0's primary. */
  readonly pool: Pool
  readonly greetings: Greetings
  /** `server` counts as in the configuration. */
  poolOf(shard: number, server: ServerConfig): Pool
}

export class Pools {
  #config: RouterConfig
  readonly #pieces: Pieces
  readonly #metrics: Metrics
  readonly #log: Logger
  readonly #places = new Map<string, Place>()
  readonly #pools = new Map<string, Pool>()

  constructor(config: RouterConfig, pieces: Pieces, metrics: Metrics, log: Logger) {
    this.#config = config
    this.#pieces = pieces
    this.#metrics = metrics
    this.#log = log
  }

  /** Null for a database or user the configuration does not name. */
  find(userName: string, databaseName: string): Place | null {
    const key = JSON.stringify([userName, databaseName])
    const known = this.#places.get(key)
    if (known) return known
    const user = this.#config.users.find(({ name }) => name === userName)
    const database = this.#config.databases.find(({ name }) => name === databaseName)
    if (!user || !database) return null
    const rules = poolOf(this.#config.pool, user)
    const open = (_: number, server: ServerConfig): Pool => this.#poolFor({ ...server, user: user.name, password: user.password }, rules)
    const pool = open(0, primaryOf(database, 0))
    const place = {
      database,
      user: user.name,
      mode: rules.mode,
      twoPhaseCommit: user.twoPhaseCommit ?? true,
      pool,
      poolOf: open,
      greetings: new Greetings(pool),
    }
    this.#places.set(key, place)
    return place
  }

  /** Opens connections before anybody asks for them, where the configuration wants that. */
  openAhead(): void {
    const { users, databases, pool } = this.#config
    for (const user of users.filter((one) => poolOf(pool, one).minSize > 0))
      for (const { name, shards } of databases) {
        const place = this.find(user.name, name)
        for (const [shard, { servers }] of shards.entries()) for (const server of servers) place?.poolOf(shard, server).openAhead()
      }
  }

  all(): Pool[] {
    return [...this.#pools.values()]
  }

  /** New clients and statements go by the new configuration; pools that it does not need any more are closed when they are at rest. */
  reload(config: RouterConfig): void {
    this.#config = config
    this.#places.clear()
    const wanted = new Set(
      config.databases.flatMap(({ shards }) =>
        shards.flatMap(({ servers }) => servers.map(({ host, port, database }) => `${host}:${port}/${database}`)),
      ),
    )
    for (const [key, pool] of this.#pools) {
      if (wanted.has(pool.place)) continue
      this.#pools.delete(key)
      retire(pool)
    }
    this.openAhead()
  }

  #poolFor({ host, port, database, user, password, tls }: ServerTarget, rules: PoolConfig): Pool {
    const target = { host, port, database, user, password, tls }
    const key = JSON.stringify(target)
    const known = this.#pools.get(key)
    if (known) return known
    const pool = this.#open(target, rules)
    this.#pools.set(key, pool)
    return pool
  }

  #open(target: ServerTarget, { size, minSize, connectTimeoutMs, waitTimeoutMs, idleTimeoutMs, answerTimeoutMs }: PoolConfig): Pool {
    const { connectDeadlineMs, openSocket, pool: policy } = this.#pieces
    const saltedCache: SaltedCache = new Map()
    const options = { target, size, minSize, waitTimeoutMs, idleTimeoutMs, policy, log: this.#log }
    return new Pool({
      ...options,
      elsewhere: () =>
        this.all().reduce((sum, pool) => sum + (pool.place === placeOf(target) && pool.user === target.user ? 0 : pool.open), 0),
      onConnect: () => this.#metrics.serverConnected(),
      dial: (to, signal) =>
        dial(to, { deadlineMs: connectDeadlineMs(connectTimeoutMs), answerTimeoutMs, signal, saltedCache, open: openSocket }),
    })
  }
}

/** Throws a RangeError for a shard that is not there. */
export function primaryOf({ shards }: Pick<DatabaseConfig, 'shards'>, shard: number): ServerConfig {
  const primary = shards[shard]?.servers.find(({ role }) => role === 'primary')
  if (!primary) throw new RangeError(`there is no shard ${shard}`)
  return primary
}

/** Who waits already is still served. */
function retire(pool: Pool): void {
  const timer = setInterval(() => {
    if (pool.waiting > 0) return
    clearInterval(timer)
    pool.close()
  }, 50).unref()
}
