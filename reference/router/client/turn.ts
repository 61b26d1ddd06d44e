/** A client's turn on a server connection: its messages go out, the answers come back, and the turn ends with the transaction. */
import { backendType, type Frame } from '../../wire/index.ts'
import type { PoolMode } from '../config-pool.ts'
import type { Metrics } from '../metrics.ts'
import { resultTypes, type Pieces } from '../pieces.ts'
import { Refused } from '../refused.ts'
import { queryOf, type Holder, type ServerConnection } from '../server/connection.ts'
import { restoreSql } from '../sql/parameters.ts'
import { noteCompletion, noteReport, readError, withClientNames } from './answers.ts'
import { clientNameOf, type Extended } from './extended.ts'
import { forward } from './forward.ts'
import { Hold } from './hold.ts'
import type { ClientParameters } from './parameters.ts'
import type { ClientStatements } from './statements.ts'

/** The side of the session that a turn speaks to. */
export interface Client {
  readonly parameters: ClientParameters
  readonly statements: ClientStatements
  readonly mode: PoolMode
  /** Puts bytes where they go to the client with the next flush. */
  say(bytes: Buffer): void
  flush(): void
  /** More messages may be forwarded. */
  proceed(): void
  /** Nothing is in flight and no transaction is open: the connection is free. */
  turnOver(): void
  /** The connection is gone; `told`: the server has said why. */
  serverLost(told: boolean): void
  fail(refused: Refused): void
}

export class Turn implements Holder {
  readonly hold: Hold
  readonly #client: Client
  readonly #pieces: Pieces
  readonly #metrics: Metrics
  readonly #extended: Extended
  /** A RESET is being made good; nothing may follow it meanwhile. */
  #restoring = false
  #toldFatal = false
  #silent = false

  constructor(connection: ServerConnection, client: Client, pieces: Pieces, metrics: Metrics) {
    const hold = new Hold(connection)
    const { parameters, statements } = client
    this.hold = hold
    this.#client = client
    this.#pieces = pieces
    this.#metrics = metrics
    this.#extended = {
      hold,
      statements,
      statementName: pieces.statementName,
      meaning: () => parameters.meaning() + (hold.meaningChanged ? ` ${hold.serial}` : ''),
      note: (effects) => hold.note(effects, () => parameters.names()),
      receive: (frame) => this.#receive(frame),
    }
    connection.attach(this)
  }

  /** Nothing may be forwarded now. */
  get stuck(): boolean {
    return this.#restoring || this.hold.connection.congested
  }

  /** Nothing is in flight and no transaction is open. */
  get atRest(): boolean {
    const { replies, status } = this.hold.connection
    return replies.quiet && status === 'I'
  }

  /** Throws a ProtocolViolation when the message cannot come now, a Refused when the client asks too much. */
  forward(frame: Frame): void {
    this.#restoring = forward(this.#extended, frame, (answer) => this.#receiveReset(answer))
  }

  /** The client has gone: answers are for nobody. */
  silence(): void {
    this.#silent = true
    this.hold.connection.detach()
  }

  flush(): void {
    this.#client.flush()
  }

  drained(): void {
    this.#client.proceed()
  }

  lost(): void {
    this.#client.serverLost(this.#toldFatal)
  }

  #receive(frame: Frame): void {
    if (this.#silent) return
    if (frame.type === backendType.errorResponse) return this.#receiveError(frame)
    if (frame.type === backendType.commandComplete) noteCompletion(frame, this.hold, this.#client.statements)
    if (frame.type === backendType.parameterStatus) noteReport(frame, this.hold)
    const bytes = resultTypes.has(frame.type) ? this.#pieces.passResult(frame) : frame.bytes
    if (bytes) this.#client.say(bytes)
    if (frame.type === backendType.readyForQuery) this.#ready()
  }

  #receiveError(frame: Frame): void {
    const { sqlstate, fatal } = readError(frame)
    this.#metrics.error(sqlstate)
    this.#toldFatal ||= fatal
    // "cached plan must not change result type", or a statement that is not there: what is kept on this connection may be outdated.
    if (sqlstate === '0A000' || sqlstate === '26000') this.hold.connection.statements.outdated = true
    this.hold.deallocating.length = 0
    const bytes = this.#pieces.passError(withClientNames(frame.bytes, (serverName) => clientNameOf(this.#extended, serverName)))
    if (bytes) this.#client.say(bytes)
  }

  /** The connection stays while something is in flight, and while a transaction or something prepared by SQL binds the client to it. */
  #ready(): void {
    const { replies, status } = this.hold.connection
    if (replies.quiet && !this.#pieces.keepServer({ status, pinned: this.hold.pinned, mode: this.#client.mode })) this.#client.turnOver()
  }

  /** Answers to a message that resets parameters: what the client started with must stand again before it hears that it is done. */
  #receiveReset(frame: Frame): void {
    if (frame.type !== backendType.readyForQuery || this.#silent) return this.#receive(frame)
    this.hold.restoreDue = false
    const { connection, pinned } = this.hold
    const goesOn = connection.status === 'T' || (connection.status === 'I' && pinned)
    const sql = goesOn ? restoreSql(this.#client.parameters.restorable(this.hold.reset)) : null
    if (sql === null) return this.#restored(frame)
    return connection.send({ kind: 'query', receive: (answer) => this.#receiveRestore(answer, frame) }, queryOf(sql))
  }

  #receiveRestore(answer: Frame, ready: Frame): void {
    if (this.#silent) return
    if (answer.type === backendType.parameterStatus) this.#client.say(answer.bytes)
    else if (answer.type === backendType.errorResponse) {
      this.#client.fail(new Refused('FATAL', readError(answer).sqlstate, 'the start-up parameters of this session cannot be set again'))
    } else if (answer.type === backendType.readyForQuery) this.#restored(ready)
  }

  #restored(ready: Frame): void {
    this.#restoring = false
    this.#receive(ready)
    this.#client.proceed()
  }
}
