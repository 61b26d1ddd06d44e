/** Asks the servers of shards whose roles are left open which of them is the primary, again and again, so that a promotion is noticed. */
import type { SaltedCache } from '../../wire/index.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { RouterConfig, ServerConfig } from '../config.ts'
import { dial } from '../server/dial.ts'
import type { ServerConnection } from '../server/connection.ts'
import { siteOf, type Primaries } from './resolve.ts'

export interface FinderOptions {
  readonly config: () => RouterConfig
  readonly log: Logger
  /** Other primaries than before. */
  readonly onChange: (primaries: Primaries) => Promise<void>
}

/** A primary tells its timeline, which grows with each promotion; a standby tells nothing. */
const timelineSql =
  'SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) END'

export class RoleFinder implements AsyncDisposable {
  readonly #options: FinderOptions
  readonly #stop = new AbortController()
  readonly #salted: SaltedCache = new Map()
  readonly #connections = new Map<string, ServerConnection>()
  #primaries: Primaries = new Set()
  #running: Promise<void> = Promise.resolve()

  constructor(options: FinderOptions) {
    this.#options = options
  }

  get primaries(): Primaries {
    return this.#primaries
  }

  /** Settles after the first look. */
  async begin(): Promise<void> {
    await this.#look()
    this.#running = this.#loop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    for (const connection of this.#connections.values()) connection.close()
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await sleep(this.#intervalMs, undefined, { signal: this.#stop.signal }).catch(() => {})
      await this.#look().catch((error: unknown) => this.#options.log.error({ err: error }, 'roles of servers could not be found'))
    }
  }

  get #intervalMs(): number {
    const { databases } = this.#options.config()
    return Math.min(...databases.map(({ split }) => split.checkIntervalMs))
  }

  async #look(): Promise<void> {
    const shards = openShards(this.#options.config())
    const found = new Set((await Promise.all(shards.map((servers) => this.#primaryAmong(servers)))).filter((site) => site !== null))
    if (this.#stop.signal.aborted || (found.size === this.#primaries.size && found.isSubsetOf(this.#primaries))) return
    this.#primaries = found
    this.#options.log.info({ primaries: [...found] }, 'the primaries are these now')
    await this.#options.onChange(found)
  }

  /** Of two that both say they are primary, the one that was promoted later; while none says so, the one there was. */
  async #primaryAmong(servers: readonly ServerConfig[]): Promise<string | null> {
    const answers = await Promise.all(servers.map(async (server) => ({ site: siteOf(server), timeline: await this.#timelineOf(server) })))
    const primaries = answers.filter(({ timeline }) => timeline !== null)
    const [latest] = primaries.toSorted((a, b) => Number(b.timeline) - Number(a.timeline))
    return latest?.site ?? answers.map(({ site }) => site).find((site) => this.#primaries.has(site)) ?? null
  }

  /** Null for a standby, and for one that does not answer. */
  async #timelineOf(server: ServerConfig): Promise<number | null> {
    try {
      const connection = await this.#connectionTo(server)
      const [ran] = await connection.run([timelineSql], deadlineMs)
      const [text] = ran?.rows[0] ?? []
      return text ? Number.parseInt(text, 16) : null
    } catch (error) {
      this.#options.log.debug({ server: siteOf(server), reason: (error as Error).message }, 'a server does not tell its role')
      this.#connections.get(siteOf(server))?.close()
      this.#connections.delete(siteOf(server))
      return null
    }
  }

  async #connectionTo(server: ServerConfig): Promise<ServerConnection> {
    const known = this.#connections.get(siteOf(server))
    if (known && !known.lost) return known
    const [user] = this.#options.config().users
    const target = { ...server, user: user?.name ?? '', password: user?.password ?? '' }
    const connection = await dial(target, { deadlineMs, signal: this.#stop.signal, saltedCache: this.#salted })
    this.#connections.set(siteOf(server), connection)
    return connection
  }
}

/** One that hangs must not hold up the news of the others for long. */
const deadlineMs = 1_000

const openShards = ({ databases }: RouterConfig): ServerConfig[][] =>
  databases.flatMap(({ shards }) => shards.map(({ servers }) => servers).filter((servers) => servers.some(({ role }) => role === 'auto')))
