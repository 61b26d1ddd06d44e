/** One client after its log-in: takes a turn on a server connection for each transaction, and answers itself what needs no server. */
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { checkShape, encodeBackend, frontendType, ProtocolViolation, type Frame, type Framer } from '../../wire/index.ts'
import type { PoolMode } from '../config-pool.ts'
import type { Metrics } from '../metrics.ts'
import type { Pieces } from '../pieces.ts'
import { Refused, shuttingDown } from '../refused.ts'
import type { Desk } from './desk.ts'
import { Hold } from './hold.ts'
import { Outbox } from './outbox.ts'
import type { ClientParameters } from './parameters.ts'
import { bindsClient, noBinding } from './singly.ts'
import { ClientStatements } from './statements.ts'
import { Turn, type Client } from './turn.ts'

/** A client that talks before its turn is read up to here, so that its hanging up is noticed. */
const mostPendingBytes = 256 * 1024
/** After good-bye a client that does not hang up is cut. */
const lingerMs = 2000

const readyIdle = encodeBackend({ kind: 'ready-for-query', status: 'I' })
const closeComplete = encodeBackend({ kind: 'close-complete' })

const { query, functionCall, parse, bind, describe, execute, close, sync, flush, terminate, copyData, copyDone, copyFail } = frontendType
const needServer = new Set<number>([query, functionCall, parse, bind, describe, execute, close])
const onlyInTurn = new Set<number>([flush, copyData, copyDone, copyFail])

export interface SessionOptions {
  readonly socket: Socket
  readonly framer: Framer
  readonly parameters: ClientParameters
  readonly desk: Desk
  readonly mode: PoolMode
  readonly pieces: Pieces
  readonly cancelDeadlineMs: number
  readonly metrics: Metrics
  readonly log: Logger
  readonly onOver: () => void
}

export class Session implements Client {
  readonly parameters: ClientParameters
  readonly mode: PoolMode
  readonly statements = new ClientStatements()
  readonly #options: SessionOptions
  readonly #outbox = new Outbox()
  #turn: Turn | null = null
  #waiting: AbortController | null = null
  /** The router refused an extended message: as a server would, it skips to Sync. */
  #skipping = false
  #draining = false
  #over = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.parameters = options.parameters
    this.mode = options.mode
    const { socket, log } = options
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('drain', () => this.#onDrained())
    socket.on('error', (error) => log.debug({ reason: error.message }, 'a client connection broke'))
    socket.on('end', () => this.#leave())
    socket.on('close', () => this.#leave())
  }

  /** Ends as soon as no transaction is open and nothing waits. */
  drain(): void {
    this.#draining = true
    this.#endIfDrained()
  }

  /** Ends now. */
  cut(): void {
    this.fail(shuttingDown())
  }

  /** Somebody who knows this session's key wants what it runs to be broken off. */
  async cancel(): Promise<void> {
    const connection = this.#turn?.hold.connection
    if (this.#waiting) this.#waiting.abort(new Refused('ERROR', '57014', 'canceling statement due to user request'))
    else if (connection && !connection.replies.quiet) await connection.cancel(this.#options.cancelDeadlineMs)
  }

  say(bytes: Buffer): void {
    this.#outbox.push(bytes)
  }

  flush(): void {
    if (this.#outbox.empty) return
    const bytes = this.#outbox.take()
    if (!this.#over && !this.#options.socket.write(bytes)) this.#turn?.hold.connection.pause()
  }

  /** Handles what the client has sent, as far as it may be handled now. */
  proceed(): void {
    const { framer, socket, log } = this.#options
    try {
      for (let frame = this.#stuck ? null : framer.next(); frame; frame = this.#stuck ? null : framer.next()) this.#handle(frame)
      this.flush()
    } catch (error) {
      return this.fail(refusalOf(error, log).asFatal())
    }
    if (this.#over) return
    if (this.#stuck && framer.pending > mostPendingBytes) socket.pause()
    else socket.resume()
    this.#endIfDrained()
  }

  turnOver(): void {
    const turn = this.#turn
    if (!turn) return
    this.flush()
    this.#turn = null
    turn.hold.connection.detach()
    this.#options.desk.giveBack(turn.hold)
    this.#endIfDrained()
  }

  serverLost(told: boolean): void {
    this.#turn = null
    if (told) this.#end()
    else this.fail(new Refused('FATAL', '08006', 'the server closed the connection unexpectedly'))
  }

  fail(refused: Refused): void {
    if (this.#over) return
    const { metrics, log } = this.#options
    metrics.error(refused.sqlstate)
    log.info({ sqlstate: refused.sqlstate, reason: refused.message }, 'a session was ended')
    this.say(refused.bytes())
    this.#end()
  }

  get #stuck(): boolean {
    return this.#over || this.#waiting !== null || this.#options.socket.writableNeedDrain || (this.#turn?.stuck ?? false)
  }

  #onData(chunk: Buffer): void {
    if (this.#over) return
    this.#options.framer.push(chunk)
    this.proceed()
  }

  #onDrained(): void {
    this.#turn?.hold.connection.resume()
    this.proceed()
  }

  #handle(frame: Frame): void {
    const { type } = frame
    checkShape(frame)
    if (type === terminate) this.#end()
    else if (type !== sync && !needServer.has(type) && !onlyInTurn.has(type)) {
      throw new ProtocolViolation('unknown-type', 'a message has a letter the protocol does not know')
    } else if (this.#turn) this.#forward(this.#turn, frame)
    else if (type === sync) this.#answerSync()
    else if (this.#skipping || onlyInTurn.has(type)) return
    else if (type === close && frame.body[0] === 0x53) this.#closeStatement(frame)
    else if (this.#isBinding(frame)) this.#refuse(frame, noBinding())
    else void this.#takeTurn(frame)
  }

  /** Behind other messages it ends the session: their answers may still be on the way. */
  #forward(turn: Turn, frame: Frame): void {
    if (this.#isBinding(frame)) throw noBinding()
    turn.forward(frame)
  }

  #isBinding(frame: Frame): boolean {
    return !this.#options.pieces.allowsTransactions(this.mode) && bindsClient(frame)
  }

  #answerSync(): void {
    this.#skipping = false
    this.say(readyIdle)
  }

  /** Needs no server: the name is known here only. */
  #closeStatement(frame: Frame): void {
    const name = frame.body.toString('latin1', 1, frame.body.length - 1)
    if (name === '') this.statements.unnamed = null
    else this.statements.delete(name)
    this.say(closeComplete)
  }

  async #takeTurn(frame: Frame): Promise<void> {
    const { desk, pieces, metrics, socket, log } = this.#options
    this.#waiting = new AbortController()
    try {
      const connection = await desk.take(this.#waiting.signal)
      if (this.#over) return desk.abandon(new Hold(connection))
      this.#turn = new Turn(connection, this, pieces, metrics)
      if (socket.writableNeedDrain) connection.pause()
      this.#turn.forward(frame)
    } catch (error) {
      if (!this.#over) this.#refuse(frame, refusalOf(error, log))
    }
    this.#waiting = null
    this.proceed()
  }

  #refuse(frame: Frame, refused: Refused): void {
    const { metrics, log } = this.#options
    if (refused.severity === 'FATAL') return this.fail(refused)
    metrics.error(refused.sqlstate)
    log.info({ sqlstate: refused.sqlstate, reason: refused.message }, 'a statement was refused')
    this.say(refused.bytes())
    if (frame.type === query || frame.type === functionCall) this.say(readyIdle)
    else this.#skipping = true
  }

  #endIfDrained(): void {
    if (this.#draining && (this.#turn?.atRest ?? true) && !this.#waiting && this.#options.framer.pending === 0) this.cut()
  }

  /** Says what there is to say, then hangs up. */
  #end(): void {
    const { socket } = this.#options
    this.flush()
    this.#leave()
    socket.end()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }

  /** The client has gone, or is to go. */
  #leave(): void {
    if (this.#over) return
    this.#over = true
    const turn = this.#turn
    this.#turn = null
    this.#waiting?.abort(new Error('the client has gone'))
    turn?.silence()
    if (turn) this.#options.desk.abandon(turn.hold)
    this.#options.socket.resume()
    this.#options.onOver()
  }
}

function refusalOf(error: unknown, log: Logger): Refused {
  if (error instanceof Refused) return error
  if (error instanceof ProtocolViolation) return new Refused('FATAL', error.sqlstate, error.message, error)
  log.error({ err: error }, 'the router failed')
  return new Refused('FATAL', 'XX000', 'the router failed', error)
}
