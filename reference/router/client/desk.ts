/** Where one client gets its server connections, with its parameters set, and gives them back; what it set meanwhile is remembered. */
import type { Logger } from 'pino'
import { bringToRest } from '../pool/abandon.ts'
import { cleanConnection } from '../pool/clean-up.ts'
import type { Pool } from '../pool/pool.ts'
import type { Pieces } from '../pieces.ts'
import { Refused } from '../refused.ts'
import type { Ran } from '../server/collector.ts'
import { ServerLost, type ServerConnection } from '../server/connection.ts'
import { readRow, readSql } from '../sql/parameters.ts'
import type { Hold } from './hold.ts'
import type { ClientParameters } from './parameters.ts'

/** More names changed in one transaction are not asked for. */
const mostTouched = 500

export interface DeskOptions {
  readonly pool: Pool
  readonly parameters: ClientParameters
  readonly pieces: Pieces
  readonly cleanQuery: string | undefined
  /** For each exchange with a server that the client does not see. */
  readonly deadlineMs: number
  readonly log: Logger
  readonly onCheckOut: () => void
}

export class Desk {
  readonly #options: DeskOptions
  /** Connections of other pools than the usual one, while they are out. */
  readonly #origins = new WeakMap<ServerConnection, Pool>()
  #settling: Promise<void> | null = null
  #broken: Refused | null = null

  constructor(options: DeskOptions) {
    this.#options = options
  }

  /** A connection that has this client's parameters. Rejects with a Refused or the signal's reason. */
  async take(signal: AbortSignal, pool = this.#options.pool): Promise<ServerConnection> {
    await this.#settling
    if (this.#broken) throw this.#broken
    const { pieces, parameters, deadlineMs, onCheckOut } = this.#options
    const sql = pieces.replay(parameters.all())
    for (let until: number | null = null; ;) {
      const connection = await pool.checkOut(signal)
      until ??= performance.now() + deadlineMs
      if (pool !== this.#options.pool) this.#origins.set(connection, pool)
      if (signal.aborted) this.#put(connection)
      signal.throwIfAborted()
      if (sql !== null && !(await this.#apply(connection, sql, until))) continue
      if (signal.aborted) void this.#clean(connection)
      signal.throwIfAborted()
      onCheckOut()
      return connection
    }
  }

  /** What the client has set so far is known. */
  async settled(): Promise<void> {
    await this.#settling
  }

  /** The transaction is over. */
  giveBack(hold: Hold): void {
    const names = [...hold.touched]
    if (names.length > mostTouched) this.#broken = tooMany()
    const asked = names.length > mostTouched ? null : readSql(names)
    this.#poolOf(hold.connection).expect(hold.connection)
    const cleaned = this.#clean(hold.connection, asked)
    if (asked === null) return
    const settling = Promise.all([this.#settling, cleaned]).then(([, read]) => {
      if (this.#settling === settling) this.#settling = null
      this.#learn(names, hold.reset, read)
    })
    this.#settling = settling
  }

  /** The client has gone in the middle of something. */
  abandon(hold: Hold): void {
    void this.#rescue(hold)
  }

  async #rescue({ connection, insideMessage }: Hold): Promise<void> {
    if (connection.lost) return this.#put(connection)
    if (insideMessage) return connection.destroy('its client has gone in the middle of a message')
    try {
      await bringToRest(connection, this.#options.deadlineMs)
    } catch (error) {
      this.#options.log.info({ reason: (error as Error).message }, 'a server connection is closed after its client')
      return connection.destroy((error as Error).message)
    }
    await this.#clean(connection)
  }

  /** False when the connection turned out to be dead and there is time for another. */
  async #apply(connection: ServerConnection, sql: string, until: number): Promise<boolean> {
    let applied: Ran | undefined
    try {
      applied = (await connection.run([sql], Math.max(1, until - performance.now())))[0]
    } catch (error) {
      if (error instanceof ServerLost && !error.givenUp && performance.now() < until) return false
      throw new Refused('ERROR', '08006', 'the server does not answer', error)
    }
    if (!applied?.error) return true
    void this.#clean(connection)
    const { error } = applied
    throw new Refused('FATAL', error.get('C') ?? 'XX000', `the parameters of this session cannot be set: ${error.get('M') ?? ''}`)
  }

  async #clean(connection: ServerConnection, asked: string | null = null): Promise<Ran | null> {
    const { pieces, cleanQuery, deadlineMs, log } = this.#options
    const read = await cleanConnection({ connection, readSql: asked, statements: pieces.cleanUp(cleanQuery), deadlineMs, log })
    this.#put(connection)
    return read
  }

  #poolOf(connection: ServerConnection): Pool {
    return this.#origins.get(connection) ?? this.#options.pool
  }

  #put(connection: ServerConnection): void {
    const pool = this.#poolOf(connection)
    this.#origins.delete(connection)
    pool.put(connection)
  }

  #learn(names: readonly string[], reset: ReadonlySet<string> | 'all', read: Ran | null): void {
    const row = read?.rows[0]
    if (!row) this.#broken = new Refused('FATAL', '08006', 'the parameters of this session were lost with its server connection')
    else this.#options.parameters.learn(readRow(names, row), reset)
    if (this.#options.parameters.tooMany) this.#broken = tooMany()
  }
}

const tooMany = (): Refused => new Refused('FATAL', '54000', 'too many parameters were set in this session')
