/** One client of a sharded database: its transaction, its way to the servers, and what it is told. */
import type { Logger } from 'pino'
import { backendType, decodeBackend, encodeBackend, noticeMessage, type Frame } from '../../wire/index.ts'
import type { Desk } from '../client/desk.ts'
import type { ClientParameters } from '../client/parameters.ts'
import type { ServerConfig } from '../config.ts'
import { ClientStatements } from '../client/statements.ts'
import type { Metrics } from '../metrics.ts'
import type { Pieces } from '../pieces.ts'
import { Refused, RefusedByServer } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import { routeOf, type Route, type RouteContext, type Values } from '../routing/route.ts'
import type { Domain } from './domain.ts'
import { Branch, type BranchClient } from './branch.ts'
import type { Inbox } from './inbox.ts'
import { Transaction } from './transaction.ts'

export interface CrewOptions {
  readonly domain: () => Domain
  readonly parameters: ClientParameters
  readonly desk: Desk
  readonly pieces: Pieces
  readonly metrics: Metrics
  readonly log: Logger
  readonly deadlineMs: number
  readonly write: (bytes: Buffer) => unknown
  readonly flush: () => void
  /** See BranchClient. */
  readonly parted: () => void
}

export class Crew implements BranchClient {
  readonly statements = new ClientStatements()
  readonly options: CrewOptions
  /** Read by whoever needs copy data. */
  inbox: Inbox | null = null
  /** Ends waiting for a server when the client has gone or asks to cancel. */
  waiting = new AbortController()
  transaction: Transaction | null = null
  /** A common end that is under way. */
  committing: Promise<unknown> | null = null
  /** The replica of each shard that was read from last. */
  readonly #readFrom = new Map<number, ServerConfig>()
  #record: ((bytes: Buffer) => void) | null = null
  #encoding: string | null = null
  #quotesPlainly = true

  constructor(options: CrewOptions) {
    this.options = options
  }

  get parameters(): ClientParameters {
    return this.options.parameters
  }

  get domain(): Domain {
    return this.options.domain()
  }

  get explicit(): boolean {
    return this.transaction?.explicit ?? false
  }

  say(bytes: Buffer): void {
    if (this.#record) this.#record(bytes)
    else this.options.write(bytes)
  }

  /** To the client, also while what is said is recorded. */
  tell(bytes: Buffer): void {
    this.options.write(bytes)
  }

  /** What is said meanwhile goes to `record`. */
  async recorded(record: (bytes: Buffer) => void, act: () => Promise<void>): Promise<void> {
    this.#record = record
    try {
      await act()
    } finally {
      this.#record = null
    }
  }

  flush(): void {
    this.options.flush()
  }

  parted = (): void => this.options.parted()

  complete(tag: string): void {
    this.say(encodeBackend({ kind: 'command-complete', tag }))
  }

  warn(code: string, message: string): void {
    this.say(noticeMessage({ severity: 'WARNING', code, message }))
  }

  ready(): void {
    this.say(encodeBackend({ kind: 'ready-for-query', status: this.transaction?.status ?? 'I' }))
    this.flush()
  }

  refuse(refused: Refused): void {
    this.options.metrics.error(refused.sqlstate)
    this.say(refused.bytes())
    this.transaction?.fail()
  }

  /** Everything but ReadyForQuery, which is the router's to say. */
  pass = (frame: Frame): unknown => {
    if (frame.type === backendType.readyForQuery) return
    if (frame.type === backendType.parameterStatus) this.#noteStatus(frame)
    if (frame.type === backendType.errorResponse) return this.#passError(frame)
    const passed = frame.type === backendType.dataRow || frame.type === backendType.rowDescription || frame.type === backendType.copyData
    const bytes = passed ? this.options.pieces.passResult(frame) : frame.bytes
    if (bytes) this.say(bytes)
  }

  /** The transaction that is open, or one for what is done now; `block`: what several servers do is to stand together. */
  within(block: boolean): Transaction {
    this.transaction ??= this.begin(block ? 'BEGIN' : null, false)
    return this.transaction
  }

  begin(text: string | null, explicit: boolean): Transaction {
    const { desk, pieces, deadlineMs } = this.options
    const domain = this.domain
    return new Transaction(
      {
        deadlineMs,
        open: async (shard) => {
          const { connection, server } = await domain.connect(
            shard,
            this.#wishes(text),
            desk,
            this.waiting.signal,
            this.#readFrom.get(shard),
          )
          if (server.role === 'replica') this.#readFrom.set(shard, server)
          const branch = new Branch(shard, server.role === 'replica', connection, this, pieces)
          branch.sink = this.pass
          return branch
        },
        release: (branch) => desk.giveBack(branch.hold),
        abandon: (branch) => desk.abandon(branch.hold),
        // Committing may have to wait for constraints and for standbys.
        commit: (branches) => domain.commit(branches, 4 * deadlineMs),
      },
      text,
      explicit,
    )
  }

  /** Ends what the router itself has begun for one statement or unit. Throws a Refused when it cannot be committed. */
  async settle(): Promise<void> {
    const transaction = this.transaction
    if (!transaction || transaction.explicit) return
    this.transaction = null
    if (transaction.begin === null) transaction.release()
    else await this.uninterrupted(() => transaction.end())
  }

  route(analysis: Analysis, values: Values): Route {
    const route = this.#chosen(routeOf(analysis, values, this.context))
    this.options.metrics.routed(route.kind)
    return route
  }

  #chosen(route: Route): Route {
    const { chooseShards } = this.options.pieces
    if (route.kind === 'several') return { kind: 'several', shards: chooseShards(route.shards) }
    if (route.kind !== 'one') return route
    const shards = chooseShards([route.shard])
    const [shard = route.shard] = shards
    return shards.length > 1 ? { kind: 'several', shards } : { kind: 'one', shard }
  }

  /** A shard for what any server can do: one that takes part already. */
  anyShard(): number {
    return this.transaction?.branches[0]?.shard ?? this.domain.nextShard()
  }

  /** The same statement on each of them, answered to nobody. Throws the first error of a server. */
  async everyBranch(branches: readonly Branch[], text: string): Promise<void> {
    await Promise.all(branches.map((branch) => this.#silently(branch, text)))
  }

  async #silently(branch: Branch, text: string): Promise<void> {
    branch.sink = () => {}
    await branch.query(text)
    branch.sink = this.pass
    if (branch.error) throw new RefusedByServer(branch.error)
    await branch.restore(this.options.deadlineMs)
  }

  /** What must come to its end even when the client goes. */
  async uninterrupted<T>(act: () => Promise<T>): Promise<T> {
    this.committing = act()
    try {
      return (await this.committing) as T
    } finally {
      this.committing = null
    }
  }

  checkQuoting(): void {
    if (!this.#quotesPlainly) throw new Refused('FATAL', '0A000', 'standard_conforming_strings must be on in a sharded database')
  }

  get context(): RouteContext {
    const { domain, parameters } = this
    const encoding = this.#encoding ?? parameters.all().get('client_encoding') ?? 'UTF8'
    return {
      shards: domain.shards,
      shardOf: domain.shardOf,
      plainText: /^(?:utf-?8|unicode)$/i.test(encoding.replaceAll(/['"\s]/g, '')),
      sessionKey: (type) => domain.sessionKey(parameters, type),
    }
  }

  /** In a transaction the primary sees all, unless it is said to write nothing. */
  #wishes(begin: string | null): 'read' | 'write' {
    if (begin !== null) return this.options.pieces.transactionWish(begin)
    const wished = this.parameters.all().get('orochi.role') ?? this.parameters.all().get('pgdog.role')
    return this.#reads && !this.primaryOnly && wished !== 'primary' ? 'read' : 'write'
  }

  /** What is run now; null: what has to be run on a primary. */
  about(analysis: Analysis | null): void {
    this.#reads = analysis !== null && this.options.pieces.isRead(analysis)
  }

  #reads = false
  /** Something in this unit writes: reads beside it go to the same server. */
  primaryOnly = false

  #passError(frame: Frame): void {
    const message = decodeBackend(frame)
    if (message.kind === 'error-response') this.options.metrics.error(message.fields.get('C') ?? 'XX000')
    const bytes = this.options.pieces.passError(frame.bytes)
    if (bytes) this.say(bytes)
  }

  #noteStatus(frame: Frame): void {
    const status = decodeBackend(frame)
    if (status.kind !== 'parameter-status') return
    if (status.name === 'client_encoding') this.#encoding = status.value
    if (status.name === 'standard_conforming_strings') this.#quotesPlainly = status.value === 'on'
  }
}
