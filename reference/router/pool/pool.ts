/** The server connections of one user in one database: made on demand up to a number, handed out in the order clients came. */
import type { Logger } from 'pino'
import { ServerConnection } from '../server/connection.ts'
import { DialFailed } from '../server/dial.ts'
import { placeOf, type ServerTarget } from '../server/target.ts'
import { Refused, shuttingDown } from '../refused.ts'
import { Line } from './line.ts'

/** After a failure, while others are open, the next attempt for those who wait. */
const retryMs = 500

/** How many connections there may be, and which of them serve another client. */
export interface PoolPolicy {
  /** `elsewhere` tells how many all other pools have open. */
  readonly capacity: (size: number, elsewhere: () => number) => number
  /** How many stay open, whether they are needed or not. */
  readonly minimum: (minSize: number) => number
  /** Whether one may serve another client. */
  readonly reuse: (connection: ServerConnection) => boolean
  /** Whether one that is lost is no longer counted. */
  readonly forget: (connection: ServerConnection) => boolean
}

export const transactionPooling: PoolPolicy = {
  capacity: (size) => size,
  minimum: (minSize) => minSize,
  reuse: () => true,
  forget: () => true,
}

export interface PoolOptions {
  readonly target: ServerTarget
  readonly size: number
  readonly minSize: number
  readonly waitTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly policy: PoolPolicy
  /** Connections that all other pools have open. */
  readonly elsewhere: () => number
  readonly dial: (target: ServerTarget, signal: AbortSignal) => Promise<ServerConnection>
  readonly log: Logger
  readonly onConnect: () => void
}

export class Pool {
  readonly #options: PoolOptions
  readonly #line = new Line<ServerConnection>()
  /** The most recently used last: those at the front grow old and are closed. */
  readonly #idle: ServerConnection[] = []
  /** Everything that is open: idle, handed out, or being cleaned. */
  readonly #open = new Set<ServerConnection>()
  /** Being cleaned: soon they can be handed out again. */
  readonly #returning = new Set<ServerConnection>()
  #dialling = 0
  readonly #closing = new AbortController()
  #retry: NodeJS.Timeout | null = null
  #reported: ReadonlyMap<string, string> | null = null
  readonly #sweep: NodeJS.Timeout

  constructor(options: PoolOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeOld(), Math.max(50, Math.min(options.idleTimeoutMs / 4, 10_000))).unref()
  }

  get place(): string {
    return placeOf(this.#options.target)
  }

  get user(): string {
    return this.#options.target.user
  }

  get waiting(): number {
    return this.#line.length
  }

  get idle(): number {
    return this.#idle.length
  }

  get open(): number {
    return this.#open.size
  }

  get active(): number {
    return this.#open.size - this.#idle.length
  }

  /** What the newest connection reported at log-in, before any client's parameters; null until there was one. */
  get reported(): ReadonlyMap<string, string> | null {
    return this.#reported
  }

  /** Rejects with a Refused (53300, 08006, or what the server said) or with the signal's reason. */
  async checkOut(signal: AbortSignal, waitMs = this.#options.waitTimeoutMs): Promise<ServerConnection> {
    signal.throwIfAborted()
    if (this.#closing.signal.aborted) throw shuttingDown()
    const free = this.#line.length === 0 ? this.#idle.pop() : undefined
    if (free) return free
    const served = this.#line.join(waitMs, signal, () => this.#late(Math.round(waitMs)))
    this.#dialAsNeeded()
    return served
  }

  /** Opens what the least is short of; who listens to this pool is served by them. */
  openAhead(): void {
    this.#dialAsNeeded()
  }

  /** A connection is on its way back: no other needs to be opened in its place. */
  expect(connection: ServerConnection): void {
    if (!connection.lost) this.#returning.add(connection)
  }

  /** Takes back a connection that is clean. */
  put(connection: ServerConnection): void {
    this.#returning.delete(connection)
    if (connection.lost) return
    if (!this.#options.policy.reuse(connection)) return connection.close()
    return this.#hand(connection)
  }

  #hand(connection: ServerConnection): void {
    if (this.#closing.signal.aborted) return connection.close()
    if (this.#line.serve(connection)) return
    connection.idleSinceMs = performance.now()
    this.#idle.push(connection)
  }

  /** Closes what is idle now and everything else when it comes back; who waits is refused. */
  close(): void {
    this.#closing.abort(shuttingDown())
    clearInterval(this.#sweep)
    clearTimeout(this.#retry ?? undefined)
    this.#line.refuseAll(shuttingDown())
    for (const connection of this.#idle.slice()) connection.close()
  }

  /** Cuts what is still open. */
  destroy(): void {
    this.close()
    for (const connection of this.#open) connection.destroy('the router stopped')
  }

  #late(waitedMs: number): Refused {
    if (this.#open.size === 0) return new Refused('ERROR', '08006', `no connection to the server could be made within ${waitedMs} ms`)
    return new Refused('ERROR', '53300', `all server connections were in use for ${waitedMs} ms`)
  }

  #dialAsNeeded(): void {
    const { policy, size, elsewhere } = this.#options
    const room = (): number => policy.capacity(size, elsewhere) - this.#open.size - this.#dialling
    const needed = (): number => Math.max(this.#line.length - this.#returning.size - this.#dialling, this.#short)
    while (!this.#closing.signal.aborted && needed() > 0 && room() > 0) void this.#dial()
  }

  /** How many of the least are missing. */
  get #short(): number {
    const { policy, minSize } = this.#options
    return policy.minimum(minSize) - this.#open.size - this.#dialling
  }

  async #dial(): Promise<void> {
    this.#dialling++
    const connection = await this.#options.dial(this.#options.target, this.#closing.signal).catch((error: unknown) => error)
    this.#dialling--
    if (connection instanceof ServerConnection && !connection.lost) this.#welcome(connection)
    else if (!this.#closing.signal.aborted) this.#dialFailed(connection)
  }

  #welcome(connection: ServerConnection): void {
    this.#options.onConnect()
    this.#reported = new Map(connection.reported)
    this.#open.add(connection)
    connection.onLost((lost) => this.#forget(connection, lost))
    this.#options.log.debug(
      { server: placeOf(connection.target), user: connection.target.user, open: this.#open.size },
      'server connection opened',
    )
    this.#hand(connection)
  }

  #forget(connection: ServerConnection, lost: Error): void {
    if (!this.#options.policy.forget(connection)) return
    this.#open.delete(connection)
    this.#returning.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#options.log.debug({ server: placeOf(connection.target), reason: lost.message }, 'server connection closed')
    this.#dialAsNeeded()
  }

  /** While others are open or on the way, who waits may still be served by them; else nobody would ever come. */
  #dialFailed(error: unknown): void {
    const { target, log } = this.#options
    const failed = error instanceof DialFailed ? error : new DialFailed('08006', 'the server cannot be reached', error)
    log.warn(
      { server: placeOf(target), user: target.user, sqlstate: failed.sqlstate, reason: failed.message },
      'no connection to the server',
    )
    if (this.#open.size + this.#dialling === 0) this.#line.refuseAll(new Refused('ERROR', failed.sqlstate, failed.message, failed))
    if (this.#open.size + this.#dialling > 0 || this.#short > 0) this.#dialLater()
  }

  #dialLater(): void {
    clearTimeout(this.#retry ?? undefined)
    this.#retry = setTimeout(() => this.#dialAsNeeded(), retryMs).unref()
  }

  #closeOld(): void {
    const { idleTimeoutMs, minSize, policy } = this.#options
    const oldest = performance.now() - idleTimeoutMs
    const old = this.#idle.filter((idle) => idle.idleSinceMs < oldest)
    for (const connection of old.slice(0, Math.max(0, this.#open.size - policy.minimum(minSize)))) connection.close()
  }
}
