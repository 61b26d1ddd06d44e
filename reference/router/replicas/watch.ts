/** Watches the servers of one database: which replicas answer, and how far they are behind. */
import type { SaltedCache } from '../../wire/index.ts'
import type { Logger } from 'pino'
import type { DatabaseConfig, ServerConfig } from '../config.ts'
import { dial } from '../server/dial.ts'
import type { ServerConnection } from '../server/connection.ts'
import { placeOf } from '../server/target.ts'
import { isNear } from './choice.ts'
import { lagMs, lsnOf, type Sample } from './lag.ts'

export interface Health {
  /** It answered the last time it was asked, and is what it should be. */
  readonly well: boolean
  readonly lagMs: number
}

export interface WatchOptions {
  readonly database: DatabaseConfig
  readonly credentials: { readonly user: string; readonly password: string }
  readonly log: Logger
}

const unknown: Health = { well: false, lagMs: Infinity }

const primarySql = 'SELECT pg_catalog.pg_current_wal_lsn()'
const replicaSql = 'SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_last_wal_replay_lsn()'

export class Watch implements AsyncDisposable {
  readonly #options: WatchOptions
  readonly #stop = new AbortController()
  readonly #health = new Map<ServerConfig, Health>()
  readonly #samples = new Map<number, Sample[]>()
  readonly #salted: SaltedCache = new Map()
  readonly #running: Promise<void>[]

  constructor(options: WatchOptions) {
    this.#options = options
    const { shards } = options.database
    this.#running = shards.flatMap(({ servers }, shard) =>
      servers.length > 1
        ? servers.map((server) =>
            this.#follow(shard, server).catch((error: unknown) => options.log.error({ err: error }, 'a watch has failed')),
          )
        : [],
    )
  }

  healthOf(server: ServerConfig): Health {
    return this.#health.get(server) ?? unknown
  }

  /** Somebody has found out that it does not answer: no reads before it is asked again. */
  suspect(server: ServerConfig): void {
    this.#health.set(server, unknown)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  async #follow(shard: number, server: ServerConfig): Promise<void> {
    const { checkIntervalMs } = this.#options.database.split
    let connection = null as ServerConnection | null
    while (!this.#stop.signal.aborted) {
      try {
        connection = connection?.lost === false ? connection : await this.#dial(server)
        await this.#ask(shard, server, connection)
      } catch (error) {
        this.#lose(server, error as Error)
      }
      await this.#pause(checkIntervalMs)
    }
    connection?.close()
  }

  #dial(server: ServerConfig): Promise<ServerConnection> {
    const { credentials } = this.#options
    return dial({ ...server, ...credentials }, { deadlineMs: this.#deadlineMs, signal: this.#stop.signal, saltedCache: this.#salted })
  }

  get #deadlineMs(): number {
    return Math.max(1000, this.#options.database.split.maxLagMs ?? 0)
  }

  async #ask(shard: number, server: ServerConfig, connection: ServerConnection): Promise<void> {
    const at = performance.now()
    const [ran] = await connection.run([server.role === 'primary' ? primarySql : replicaSql], this.#deadlineMs)
    const [row] = ran?.rows ?? []
    if (server.role === 'primary') return this.#sample(shard, at, lsnOf(row?.[0]))
    const replayed = lsnOf(row?.[1])
    const well = row?.[0] === 't' && replayed !== null
    this.#note(server, well ? { well, lagMs: lagMs(this.#samples.get(shard) ?? [], replayed) } : unknown)
  }

  #sample(shard: number, at: number, lsn: bigint | null): void {
    if (lsn === null) return
    const { maxLagMs, checkIntervalMs } = this.#options.database.split
    const samples = this.#samples.get(shard) ?? []
    this.#samples.set(shard, samples)
    samples.push({ at, lsn })
    // The oldest need not reach back further than twice the limit: beyond it a replica is left out anyway.
    if (samples.length > 3 + (2 * (maxLagMs ?? 0)) / checkIntervalMs) samples.shift()
  }

  #note(server: ServerConfig, health: Health): void {
    const before = this.healthOf(server)
    this.#health.set(server, health)
    const fits = (one: Health): boolean => one.well && isNear(one, this.#options.database.split)
    if (fits(before) === fits(health)) return
    const { log, credentials } = this.#options
    log.info(
      { server: placeOf({ ...server, ...credentials }), lagMs: health.lagMs, well: health.well },
      fits(health) ? 'a replica answers reads' : 'a replica is left out',
    )
  }

  #lose(server: ServerConfig, error: Error): void {
    if (this.#stop.signal.aborted) return
    if (server.role === 'replica') this.#note(server, unknown)
    this.#options.log.debug({ reason: error.message }, 'a server could not be asked how far it is')
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#stop.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#stop.signal.addEventListener('abort', done)
      if (this.#stop.signal.aborted) done()
    })
  }
}
