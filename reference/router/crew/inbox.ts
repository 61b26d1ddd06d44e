/** The messages of one client, read one by one while statements run, with back-pressure and notice of its hanging up. */
import type { Socket } from 'node:net'
import type { Frame, Framer } from '../../wire/index.ts'

/** A client that talks ahead is read up to here, so that its hanging up is noticed. */
const mostPendingBytes = 256 * 1024

export class Inbox {
  readonly #socket: Socket
  readonly #framer: Framer
  #waiting: { resolve: (frame: Frame | null) => void; reject: (error: Error) => void } | null = null
  #closed = false
  readonly #onClosed: () => void

  constructor(socket: Socket, framer: Framer, onClosed: () => void) {
    this.#socket = socket
    this.#framer = framer
    this.#onClosed = onClosed
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('end', () => this.close())
    socket.on('close', () => this.close())
    socket.resume()
  }

  get empty(): boolean {
    return this.#framer.pending === 0
  }

  /** The next message when it is there already. Throws a ProtocolViolation. */
  peek(): Frame | null {
    return this.#framer.next()
  }

  /** The next message; null when the client has gone. Rejects with a ProtocolViolation. */
  next(): Promise<Frame | null> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#serve()
      if (this.#waiting && !this.#closed) this.#socket.resume()
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#onClosed()
    this.#serve()
  }

  #take(chunk: Buffer): void {
    if (this.#closed) return
    this.#framer.push(chunk)
    this.#serve()
    if (!this.#waiting && this.#framer.pending > mostPendingBytes) this.#socket.pause()
  }

  #serve(): void {
    const waiting = this.#waiting
    if (!waiting) return
    try {
      const frame = this.#closed ? null : this.#framer.next()
      if (!frame && !this.#closed) return
      this.#waiting = null
      waiting.resolve(frame)
    } catch (error) {
      this.#waiting = null
      waiting.reject(error as Error)
    }
  }
}
