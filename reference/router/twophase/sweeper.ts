/** Brings prepared transactions to their end that nobody is at work on: after a crash, a lost server, a lost answer. */
import type { SaltedCache } from '../../wire/index.ts'
import type { Logger } from 'pino'
import type { RouterConfig } from '../config.ts'
import { primaryOf } from '../pool/pools.ts'
import type { ServerConnection } from '../server/connection.ts'
import { dial } from '../server/dial.ts'
import { literal } from '../sql/literal.ts'
import { readGid, type Coordinator } from './coordinator.ts'
import type { DecisionLog } from './decision-log.ts'

export interface SweeperOptions {
  readonly config: () => RouterConfig
  readonly log: DecisionLog
  readonly coordinator: Coordinator
  readonly logger: Logger
}

interface Spot {
  readonly database: string
  readonly shard: number
  readonly user: string
}

export class Sweeper implements AsyncDisposable {
  readonly #options: SweeperOptions
  readonly #stop = new AbortController()
  readonly #connections = new Map<string, ServerConnection>()
  readonly #salted: SaltedCache = new Map()
  readonly #running: Promise<void>
  #wake: (() => void) | null = null
  /** Prepared transactions that a sweep has found and ended. */
  swept = 0

  constructor(options: SweeperOptions) {
    this.#options = options
    this.#running = this.#loop()
  }

  /** Does not wait for the next time. */
  kick(): void {
    this.#wake?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.kick()
    await this.#running
    for (const connection of this.#connections.values()) connection.close()
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const config = this.#options.config()
      for (const spot of spotsOf(config)) await this.#sweep(spot).catch((error: unknown) => this.#complain(spot, error as Error))
      await this.#pause(config.twoPhase?.sweepIntervalMs ?? 1000)
    }
  }

  async #sweep(spot: Spot): Promise<void> {
    const { log, coordinator } = this.#options
    const config = this.#options.config()
    // Taken before the list: what is decided later is not in the list as something undecided.
    const connection = await this.#connectionTo(spot)
    const deadlineMs = config.pool.connectTimeoutMs
    const listed = `SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() AND owner = current_user AND gid LIKE ${literal(`orochi\\_${log.identity}-%`)}`
    const ids = new Set<string>()
    const [ran] = await connection.run([listed], deadlineMs)
    for (const [gid] of ran?.rows ?? []) {
      const read = readGid(gid ?? '', log.identity)
      if (read?.shard !== spot.shard || coordinator.isActive(read.id)) continue
      const ended = await this.#end(connection, gid ?? '', read.id, deadlineMs)
      if (!ended) ids.add(read.id)
    }
    if (ran && !ran.error) await this.#settle(spot, ids)
  }

  /** By the log: what is not decided was never committed anywhere. */
  async #end(connection: ServerConnection, gid: string, id: string, deadlineMs: number): Promise<boolean> {
    const { log, logger } = this.#options
    const verb = log.pending.has(id) ? 'COMMIT' : 'ROLLBACK'
    const [ran] = await connection.run([`${verb} PREPARED '${gid}'`], deadlineMs)
    const ended = ran !== undefined && !ran.error
    if (ended) this.swept++
    logger.info({ gid, ended, verb: verb.toLowerCase() }, 'a prepared transaction that nobody was at work on')
    return ended
  }

  /** Decisions of which this shard has nothing left are done here. */
  async #settle({ database, shard, user }: Spot, left: ReadonlySet<string>): Promise<void> {
    const { log, coordinator } = this.#options
    for (const [id, decision] of log.pending) {
      if (decision.database !== database || left.has(id) || coordinator.isActive(id)) continue
      this.#done(id, `${shard} ${user}`)
      const all = decision.participants.every((one) => this.#finished.get(id)?.has(`${one.shard} ${one.user}`))
      if (!all) continue
      this.#finished.delete(id)
      await log.done(id)
    }
  }

  /** Shards on which a decision has been carried out. */
  readonly #finished = new Map<string, Set<string>>()

  #done(id: string, where: string): void {
    const places = this.#finished.get(id) ?? new Set()
    places.add(where)
    this.#finished.set(id, places)
  }

  async #connectionTo(spot: Spot): Promise<ServerConnection> {
    const key = JSON.stringify(spot)
    const known = this.#connections.get(key)
    if (known && !known.lost) return known
    const config = this.#options.config()
    const database = config.databases.find(({ name }) => name === spot.database)
    const user = config.users.find(({ name }) => name === spot.user)
    if (!database || !user) throw new RangeError('not in the configuration')
    const target = { ...primaryOf(database, spot.shard), user: user.name, password: user.password }
    const options = { deadlineMs: config.pool.connectTimeoutMs, signal: this.#stop.signal, saltedCache: this.#salted }
    const connection = await dial(target, options)
    this.#connections.set(key, connection)
    return connection
  }

  #complain({ database, shard }: Spot, error: Error): void {
    if (!this.#stop.signal.aborted)
      this.#options.logger.info({ database, shard, reason: error.message }, 'prepared transactions could not be looked for')
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.kick(), ms)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
      if (this.#stop.signal.aborted) this.kick()
    })
  }
}

function spotsOf({ databases, users }: RouterConfig): Spot[] {
  const twoPhase = databases.filter(({ sharding }) => sharding.twoPhaseCommit)
  return twoPhase.flatMap(({ name, shards }) =>
    shards.flatMap((_, shard) => users.map((user) => ({ database: name, shard, user: user.name }))),
  )
}
