/** One connection to a Postgres server: sends messages with what they expect, gives answers to who waits, runs the router's own statements. */
import type { Socket } from 'node:net'
import { backendType, decodeBackend, encodeFrontend, type Frame, type Framer, type TransactionStatus } from '../../wire/index.ts'
import { askToCancel } from './ask-to-cancel.ts'
import { Collector, type Ran } from './collector.ts'
import { Replies, type Want } from './replies.ts'
import { ServerStatements } from './server-statements.ts'
import { watchSilence, type Silence } from './silence.ts'
import type { ServerTarget } from './target.ts'

/** Who has the connection checked out. */
export interface Holder {
  /** A chunk of the server has been gone through. */
  flush(): void
  /** The server takes more. */
  drained(): void
  lost(reason: Error): void
}

/** The connection is gone; what it was doing may or may not have happened. */
export class ServerLost extends Error {
  /** The router gave it up, as it did not do what it had to. */
  readonly givenUp: boolean

  constructor(reason: string, givenUp: boolean) {
    super(`the connection to the server was lost: ${reason}`)
    this.name = 'ServerLost'
    this.givenUp = givenUp
  }
}

export class ServerConnection {
  readonly target: ServerTarget
  readonly key: { readonly processId: number; readonly secret: Buffer }
  /** Parameters as the server last reported them. */
  readonly reported: Map<string, string>
  readonly statements = new ServerStatements()
  readonly replies = new Replies()
  status: TransactionStatus = 'I'
  idleSinceMs = 0
  readonly #socket: Socket
  readonly #framer: Framer
  #holder: Holder | null = null
  #lost: ServerLost | null = null
  readonly #watchers = new Set<(lost: ServerLost) => void>()
  #cancelling: Promise<void> | null = null
  #silence: Silence = watchSilence({ limitMs: 0, isOwed: () => false, onOver: () => {} })

  constructor(target: ServerTarget, socket: Socket, framer: Framer, key: ServerConnection['key'], reported: Map<string, string>) {
    this.target = target
    this.key = key
    this.reported = reported
    this.#socket = socket
    this.#framer = framer
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('drain', () => this.#holder?.drained())
    socket.on('error', (error) => this.#end(error.message))
    socket.on('end', () => this.#end('closed by the server'))
    socket.on('close', () => this.#end('closed by the server'))
    socket.resume()
  }

  get lost(): boolean {
    return this.#lost !== null
  }

  /** The server does not read as fast as it is written to. */
  get congested(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** From now on the server is given up when it owes an answer and says nothing for so long; 0: never. */
  limitSilence(limitMs: number): void {
    // While it reads copy data, or is not read from, it is not the server that keeps others waiting.
    const isOwed = () => !this.#lost && !this.replies.quiet
    const isWaitedFor = () => !this.replies.copyIn && !this.#socket.isPaused()
    this.#silence = watchSilence({
      limitMs,
      isOwed,
      onOver: (ms) => {
        if (isWaitedFor()) return this.destroy(`no answer within ${ms} ms`)
        this.#silence.heard()
        this.#silence.asked()
      },
    })
  }

  attach(holder: Holder): void {
    this.#holder = holder
  }

  detach(): void {
    this.#holder = null
    this.replies.forgetLast()
    this.#socket.resume()
  }

  /** Stops reading until `resume`: who holds it cannot take more. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  onLost(watcher: (lost: ServerLost) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Sends a message that will be answered. Throws a ProtocolViolation when it cannot come now. */
  send(want: Want, bytes: Buffer): void {
    this.replies.expect(want)
    this.#silence.asked()
    this.#socket.write(bytes)
  }

  /** Sends what has no answer. */
  sendBare(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Runs statements of the router, each a transaction of its own, all on the way at once. Rejects with ServerLost, also when the deadline passes. */
  async run(statements: readonly string[], deadlineMs: number): Promise<Ran[]> {
    if (this.#lost) throw this.#lost
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const collectors = statements.map(() => new Collector())
    const unwatch = this.onLost(reject)
    const timer = setTimeout(() => this.destroy(`no answer within ${Math.round(deadlineMs)} ms`), deadlineMs)
    try {
      statements.forEach((text, i) =>
        this.send(
          { kind: 'query', receive: (frame) => collectors[i]?.take(frame) && i + 1 === statements.length && resolve() },
          queryOf(text),
        ),
      )
      if (statements.length > 0) await promise
      return collectors.map((collector) => collector.ran())
    } finally {
      clearTimeout(timer)
      unwatch()
    }
  }

  /** Asks the server to break off what runs; settles when the server has closed the asking connection, so that it cannot hit what runs later. */
  cancel(deadlineMs: number): Promise<void> {
    this.#cancelling ??= askToCancel(this.target, this.key, deadlineMs).finally(() => {
      this.#cancelling = null
    })
    return this.#cancelling
  }

  /** Settles when no cancel request is on its way any more; rejects when one was not confirmed. */
  async cancelsDone(): Promise<void> {
    await this.#cancelling
  }

  /** Says good-bye. */
  close(): void {
    if (this.#lost) return
    this.#socket.end(encodeFrontend({ kind: 'terminate' }))
    this.#end('closed by the router')
    setTimeout(() => this.#socket.destroy(), 1000).unref()
  }

  /** Gives the connection up. */
  destroy(reason: string): void {
    this.#socket.destroy()
    this.#end(reason, true)
  }

  #receive(chunk: Buffer): void {
    if (this.#lost) return
    this.#silence.heard()
    try {
      this.#framer.push(chunk)
      for (let frame = this.#framer.next(); frame && !this.#lost; frame = this.#framer.next()) this.#take(frame)
    } catch (error) {
      this.destroy(`the server broke the protocol: ${(error as Error).message}`)
    }
    this.#holder?.flush()
  }

  #take(frame: Frame): void {
    if (frame.type === backendType.parameterStatus) this.#note(frame)
    if (frame.type === backendType.readyForQuery) this.status = statusOf(frame)
    this.replies.take(frame)
  }

  #note(frame: Frame): void {
    const status = decodeBackend(frame)
    if (status.kind === 'parameter-status') this.reported.set(status.name, status.value)
  }

  #end(reason: string, givenUp = false): void {
    if (this.#lost) return
    this.#lost = new ServerLost(reason, givenUp)
    this.#silence.forget()
    const holder = this.#holder
    this.#holder = null
    for (const watcher of this.#watchers) watcher(this.#lost)
    this.#watchers.clear()
    holder?.lost(this.#lost)
  }
}

/** A Query message; the text is Latin-1 so that names in any encoding go through it unharmed. */
export function queryOf(text: string): Buffer {
  const body = Buffer.from(`${text}\0`, 'latin1')
  const header = Buffer.from('Q\0\0\0\0', 'latin1')
  header.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([header, body])
}

const statusOf = (frame: Frame): TransactionStatus => {
  const ready = decodeBackend(frame)
  return ready.kind === 'ready-for-query' ? ready.status : 'I'
}
