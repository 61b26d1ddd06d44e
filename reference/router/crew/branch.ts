/** A client's hold on one server while a statement or transaction of it runs there, one exchange at a time. */
import { backendType, decodeFields, encodeFrontend, type ErrorFields, type Frame } from '../../wire/index.ts'
import { noteCompletion, noteReport, readError, withClientNames } from '../client/answers.ts'
import { clientNameOf, forwardExtended, type Extended } from '../client/extended.ts'
import { Hold } from '../client/hold.ts'
import type { ClientParameters } from '../client/parameters.ts'
import type { ClientStatements } from '../client/statements.ts'
import type { Pieces } from '../pieces.ts'
import { Refused } from '../refused.ts'
import type { Ran } from '../server/collector.ts'
import { queryOf, type Holder, type ServerConnection } from '../server/connection.ts'
import type { Want, WantKind } from '../server/replies.ts'
import { effectsOf } from '../sql/effects.ts'
import { restoreSql } from '../sql/parameters.ts'

/** The server has ended the session, and the client has been told why. */
export class Told extends Error {
  constructor() {
    super('the server has ended the session')
    this.name = 'Told'
  }
}

export type Sink = (frame: Frame, branch: Branch) => unknown

/** What a branch needs of its client. */
export interface BranchClient {
  readonly parameters: ClientParameters
  readonly statements: ClientStatements
  flush(): void
  /** An error or notice on its way to the client, whatever else is going on. */
  say(bytes: Buffer): void
  /** A server has told the client that it ends, and is gone. */
  parted(): void
}

const flushBytes = encodeFrontend({ kind: 'flush' })
const syncBytes = encodeFrontend({ kind: 'sync' })

export class Branch implements Holder {
  readonly shard: number
  readonly isReplica: boolean
  readonly hold: Hold
  /** Something may have been written here in this transaction. */
  wrote = false
  /** The error of the last exchange. */
  error: ErrorFields | null = null
  sink: Sink = () => {}
  readonly #client: BranchClient
  readonly #extended: Extended
  #lost: Error | null = null
  #toldFatal = false
  #wake: (() => void) | null = null

  constructor(shard: number, isReplica: boolean, connection: ServerConnection, client: BranchClient, pieces: Pieces) {
    this.shard = shard
    this.isReplica = isReplica
    this.#client = client
    const hold = new Hold(connection)
    this.hold = hold
    this.#extended = {
      hold,
      statements: client.statements,
      statementName: pieces.statementName,
      meaning: () => client.parameters.meaning() + (hold.meaningChanged ? ` ${hold.serial}` : ''),
      note: (effects) => hold.note(effects, () => client.parameters.names()),
      receive: (frame) => this.#receive(frame),
    }
    connection.attach(this)
  }

  get connection(): ServerConnection {
    return this.hold.connection
  }

  get gone(): boolean {
    return this.#lost !== null || this.connection.lost
  }

  /** The server skips what is sent, up to the next Sync. */
  get skipping(): boolean {
    return this.connection.replies.skipping
  }

  /** Sends a message of the extended protocol as the client wrote it, with statements under the names the server knows. */
  forward(frame: Frame): void {
    this.#checkLost()
    forwardExtended(this.#extended, frame)
  }

  /** Sends a message of the router's own making. */
  send(kind: WantKind, bytes: Buffer, receive?: (frame: Frame) => void): void {
    this.#checkLost()
    const want: Want = {
      kind,
      receive: (frame) => (receive && frame.type !== backendType.errorResponse ? this.#own(frame, receive) : this.#receive(frame)),
    }
    this.connection.send(want, bytes)
  }

  sendBare(bytes: Buffer): void {
    this.#checkLost()
    this.connection.sendBare(bytes)
  }

  flushServer(): void {
    this.sendBare(flushBytes)
  }

  /** A simple query; settles when it is answered to the end. `error` tells whether it failed. */
  async query(text: string): Promise<void> {
    this.start(text)
    await this.quiet()
  }

  /** Sends a simple query without waiting. */
  start(text: string): void {
    this.error = null
    this.#extended.note(effectsOf(text))
    this.connection.statements.unnamed = null
    this.send('query', queryOf(text))
  }

  /** Ends a unit of extended messages. */
  async sync(): Promise<void> {
    this.send('sync', syncBytes)
    await this.quiet()
  }

  /** A statement of the router's own, answered to nobody. Rejects when the connection is lost. */
  async run(text: string, deadlineMs: number): Promise<Ran> {
    const [ran] = await this.connection.run([text], deadlineMs)
    if (!ran) throw new RangeError('nothing was run')
    return ran
  }

  /** Nothing is in flight, or the server reads copy data. Rejects with 08006 when the connection is lost. */
  quiet(): Promise<void> {
    return this.#until(() => this.connection.replies.quiet || this.connection.replies.copyIn)
  }

  /** Everything sent is answered; the server may be waiting for a Sync. */
  answered(): Promise<void> {
    return this.#until(() => this.connection.replies.outstanding === 0 || this.connection.replies.copyIn)
  }

  /** The server takes more. */
  roomy(): Promise<void> {
    return this.#until(() => !this.connection.congested)
  }

  /** Start-up parameters that a RESET has sent back to the server's own are set again. */
  async restore(deadlineMs: number): Promise<void> {
    if (!this.hold.restoreDue) return
    this.hold.restoreDue = false
    const sql = this.connection.status === 'T' ? restoreSql(this.#client.parameters.restorable(this.hold.reset)) : null
    if (sql !== null) await this.run(sql, deadlineMs)
  }

  flush(): void {
    this.#client.flush()
  }

  drained(): void {
    this.#notice()
  }

  lost(reason: Error): void {
    this.#lost = reason
    if (this.#toldFatal) this.#client.parted()
    this.#notice()
  }

  #checkLost(): void {
    if (this.gone) throw this.#toldFatal ? new Told() : new Refused('ERROR', '08006', 'the server closed the connection unexpectedly')
  }

  #own(frame: Frame, receive: (frame: Frame) => void): void {
    receive(frame)
    this.#notice()
  }

  #receive(frame: Frame): void {
    const { type } = frame
    if (type === backendType.errorResponse) return this.#receiveError(frame)
    if (type === backendType.commandComplete) noteCompletion(frame, this.hold, this.#client.statements)
    if (type === backendType.parameterStatus) noteReport(frame, this.hold)
    this.sink(frame, this)
    this.#notice()
  }

  #receiveError(frame: Frame): void {
    const { sqlstate, fatal } = readError(frame)
    this.#toldFatal ||= fatal
    if (sqlstate === '0A000' || sqlstate === '26000') this.connection.statements.outdated = true
    this.hold.deallocating.length = 0
    this.error = decodeFields(frame.body)
    const bytes = withClientNames(frame.bytes, (serverName) => clientNameOf(this.#extended, serverName))
    this.sink({ type: frame.type, bytes, body: bytes.subarray(5), piece: 'whole' }, this)
    this.#notice()
  }

  #notice(): void {
    this.#wake?.()
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.#checkLost()
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
      this.#wake = null
    }
    this.#checkLost()
  }
}
