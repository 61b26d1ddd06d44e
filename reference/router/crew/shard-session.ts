/** The session of a client of a sharded database: one message or unit after the other, each to its end. */
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { encodeBackend, frontendType, ProtocolViolation, type Frame, type Framer } from '../../wire/index.ts'
import { Outbox } from '../client/outbox.ts'
import { Refused, shuttingDown, unsupported } from '../refused.ts'
import { Told } from './branch.ts'
import { Crew, type CrewOptions } from './crew.ts'
import { AlreadyTold, ClientGone } from './endings.ts'
import { Inbox } from './inbox.ts'
import type { Portal } from './portal.ts'
import { runStatement } from './statement.ts'
import { Unit } from './unit.ts'

/** After good-bye a client that does not hang up is cut. */
const lingerMs = 2000

const emptyQuery = encodeBackend({ kind: 'empty-query' })
const { query, functionCall, parse, bind, describe, execute, close, sync, flush, terminate, copyData, copyDone, copyFail } = frontendType
const extended = new Set<number>([parse, bind, describe, execute, close])
const idle = new Set<number>([flush, copyData, copyDone, copyFail])

export interface ShardSessionOptions extends Omit<CrewOptions, 'write' | 'flush' | 'parted'> {
  readonly socket: Socket
  readonly framer: Framer
  readonly log: Logger
  readonly onOver: () => void
}

export class ShardSession {
  readonly #options: ShardSessionOptions
  readonly #crew: Crew
  readonly #inbox: Inbox
  readonly #outbox = new Outbox()
  readonly #portals = new Map<string, Portal>()
  #draining = false
  #busy = false
  #over = false

  constructor(options: ShardSessionOptions) {
    const { socket, framer, log } = options
    this.#options = options
    this.#crew = new Crew({
      ...options,
      write: (bytes) => this.#over || this.#outbox.push(bytes),
      flush: () => this.#flush(),
      parted: () => this.#part(),
    })
    this.#inbox = new Inbox(socket, framer, () => this.#leave())
    this.#crew.inbox = this.#inbox
    socket.on('drain', () => this.#eachConnection((connection) => connection.resume()))
    socket.on('error', (error) => log.debug({ reason: error.message }, 'a client connection broke'))
  }

  /** Handles what comes until the client goes. */
  proceed(): void {
    void this.#serve()
  }

  /** Ends as soon as no transaction is open and nothing waits. */
  drain(): void {
    this.#draining = true
    this.#endIfDrained()
  }

  /** Ends now. */
  cut(): void {
    this.#fail(shuttingDown())
  }

  async cancel(): Promise<void> {
    const { deadlineMs } = this.#options
    this.#crew.waiting.abort(new Refused('ERROR', '57014', 'canceling statement due to user request'))
    const busy = (this.#crew.transaction?.branches ?? []).filter(({ connection }) => !connection.replies.quiet)
    await Promise.all(busy.map(({ connection }) => connection.cancel(deadlineMs)))
  }

  async #serve(): Promise<void> {
    try {
      for (let frame = await this.#inbox.next(); frame && !this.#over; frame = await this.#inbox.next()) {
        this.#busy = true
        await this.#handle(frame)
        this.#busy = false
        this.#endIfDrained()
      }
    } catch (error) {
      this.#endBy(error)
    } finally {
      await this.#crew.committing?.catch(() => {})
      this.#crew.transaction?.release()
      this.#crew.transaction = null
    }
  }

  async #handle(frame: Frame): Promise<void> {
    const { type } = frame
    if (type === terminate) return this.#end()
    if (type === query) return this.#guard(() => this.#simple(frame))
    if (extended.has(type)) return this.#extended(frame)
    if (type === sync) return this.#crew.ready()
    if (idle.has(type)) return
    if (type !== functionCall) throw new ProtocolViolation('unknown-type', 'a message has a letter the protocol does not know')
    await this.#guard(() => Promise.reject(unsupported('function calls by protocol are not possible in a sharded database')))
  }

  /** Does it, ends what was begun for it, and says that the next may come. */
  async #guard(act: () => Promise<void>): Promise<void> {
    const crew = this.#crew
    crew.waiting = new AbortController()
    crew.primaryOnly = false
    crew.checkQuoting()
    await this.#options.desk.settled()
    const done = await this.#attempt(act)
    if (!done && !crew.explicit) crew.transaction?.fail()
    await this.#attempt(() => crew.settle())
    if (!crew.transaction) this.#portals.clear()
    crew.ready()
  }

  async #attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (error instanceof Refused && error.severity === 'ERROR') this.#refuse(error)
      else if (error instanceof AlreadyTold) this.#crew.transaction?.fail()
      else throw error
      return false
    }
  }

  #refuse(refused: Refused): void {
    this.#options.log.info({ sqlstate: refused.sqlstate, reason: refused.message }, 'a statement was refused')
    this.#crew.refuse(refused)
  }

  async #simple(frame: Frame): Promise<void> {
    const crew = this.#crew
    const text = frame.body.toString('latin1', 0, Math.max(0, frame.body.length - 1))
    crew.statements.unnamed = null
    const analyses = await crew.domain.book.read(text)
    if (analyses.length === 0) crew.say(emptyQuery)
    for (const analysis of analyses) {
      // Statements sent together stand together.
      if (analyses.length > 1 && !crew.transaction && analysis.kind !== 'transaction') crew.within(true)
      await runStatement(crew, analysis)
    }
  }

  /** Up to Sync; what comes after an error is passed over. */
  async #extended(first: Frame): Promise<void> {
    await this.#guard(async () => {
      const unit = new Unit(this.#crew, this.#portals)
      let good = true
      for (let frame: Frame | null = first; ; frame = await this.#inbox.next()) {
        if (!frame || frame.type === terminate) throw new ClientGone()
        const last = frame.type === sync
        if (!last && !extended.has(frame.type) && frame.type !== flush) continue
        if (good && !last) unit.add(frame)
        if (good && (last || frame.type === flush || unit.full)) good = await this.#attempt(() => unit.run())
        if (!good) this.#crew.flush()
        if (last) break
      }
      await unit.sync()
      if (!good) throw new AlreadyTold()
    })
  }

  #flush(): void {
    if (this.#outbox.empty) return
    const bytes = this.#outbox.take()
    if (!this.#over && !this.#options.socket.write(bytes)) this.#eachConnection((connection) => connection.pause())
  }

  #eachConnection(act: (connection: { pause(): void; resume(): void }) => void): void {
    for (const { connection } of this.#crew.transaction?.branches ?? []) act(connection)
  }

  #endBy(error: unknown): void {
    if (error instanceof Told) return this.#end()
    if (error instanceof ClientGone) return this.#leave()
    if (error instanceof ProtocolViolation) return this.#fail(new Refused('FATAL', error.sqlstate, error.message, error))
    if (error instanceof Refused) return this.#fail(error.asFatal())
    if (this.#over) return
    this.#options.log.error({ err: error }, 'the router failed')
    this.#fail(new Refused('FATAL', 'XX000', 'the router failed', error))
  }

  #fail(refused: Refused): void {
    if (this.#over) return
    const { metrics, log } = this.#options
    metrics.error(refused.sqlstate)
    log.info({ sqlstate: refused.sqlstate, reason: refused.message }, 'a session was ended')
    this.#outbox.push(refused.bytes())
    this.#end()
  }

  #endIfDrained(): void {
    if (this.#draining && !this.#busy && !this.#crew.transaction && this.#inbox.empty) this.cut()
  }

  /** Between statements nobody else would notice: the transaction would hold its other servers until the client speaks again. */
  #part(): void {
    if (!this.#busy && !this.#over) this.#end()
  }

  /** Says what there is to say, then hangs up. */
  #end(): void {
    const { socket } = this.#options
    this.#flush()
    this.#leave()
    socket.end()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }

  /** The client has gone, or is to go. */
  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.#crew.waiting.abort(new ClientGone())
    if (!this.#crew.committing) this.#crew.transaction?.release()
    this.#inbox.close()
    this.#options.socket.resume()
    this.#options.onOver()
  }
}
