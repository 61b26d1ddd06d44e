/** All pools: one per user and database, made when first asked for. */
import type { Logger } from 'pino'
import type { RouterConfig } from '../config.ts'
import { Greetings } from '../client/greeting.ts'
import type { Metrics } from '../metrics.ts'
import type { Pieces } from '../pieces.ts'
import { dial, type SaltedCache } from '../server/dial.ts'
import type { ServerTarget } from '../server/target.ts'
import { Pool } from './pool.ts'

export interface PoolAndGreetings {
  readonly pool: Pool
  readonly greetings: Greetings
}

export class Pools {
  readonly #config: RouterConfig
  readonly #pieces: Pieces
  readonly #metrics: Metrics
  readonly #log: Logger
  readonly #pools = new Map<string, PoolAndGreetings>()

  constructor(config: RouterConfig, pieces: Pieces, metrics: Metrics, log: Logger) {
    this.#config = config
    this.#pieces = pieces
    this.#metrics = metrics
    this.#log = log
  }

  /** Null for a database or user the configuration does not name. */
  find(user: string, database: string): PoolAndGreetings | null {
    const key = JSON.stringify([user, database])
    const known = this.#pools.get(key)
    if (known) return known
    const target = targetOf(this.#config, user, database)
    if (!target) return null
    const pool = this.#open(target)
    const made = { pool, greetings: new Greetings(pool) }
    this.#pools.set(key, made)
    return made
  }

  all(): Pool[] {
    return [...this.#pools.values()].map(({ pool }) => pool)
  }

  #open(target: ServerTarget): Pool {
    const { size, connectTimeoutMs, waitTimeoutMs, idleTimeoutMs } = this.#config.pool
    const { connectDeadlineMs, pool: policy } = this.#pieces
    const saltedCache: SaltedCache = new Map()
    const options = { target, size, waitTimeoutMs, idleTimeoutMs, policy, log: this.#log, onConnect: () => this.#metrics.serverConnected() }
    return new Pool({
      ...options,
      dial: (to, signal) => dial(to, { deadlineMs: connectDeadlineMs(connectTimeoutMs), signal, saltedCache }),
    })
  }
}

/** Shard 0's primary: the router does not look into statements yet. */
function targetOf(config: RouterConfig, userName: string, databaseName: string): ServerTarget | null {
  const user = config.users.find(({ name }) => name === userName)
  const database = config.databases.find(({ name }) => name === databaseName)
  const primary = database?.shards[0]?.servers.find(({ role }) => role === 'primary')
  return user && primary
    ? { host: primary.host, port: primary.port, database: primary.database, user: user.name, password: user.password }
    : null
}
