/** The messages that arrive on a connection, one after the other, while a login goes on. */
import type { Duplex } from 'node:stream'
import { Framer, type Frame, type FramerOptions } from '../wire/index.ts'

/** So much may lie here unread before the sender is held back. */
const slackBytes = 65_536

interface Waiter {
  readonly resolve: (frame: Frame | null) => void
  readonly reject: (cause: unknown) => void
}

export class Inbox {
  readonly #stream: Duplex
  readonly #framer: Framer
  readonly #capBytes: number
  #waiter: Waiter | null = null
  #ended = false
  #onGone: () => void = () => {}

  constructor(stream: Duplex, options: FramerOptions) {
    this.#stream = stream
    this.#framer = new Framer(options)
    this.#capBytes = options.maxBytes + slackBytes
    this.#ended = stream.readableEnded || stream.destroyed
    stream.on('data', this.#take).on('end', this.#end).on('close', this.#end)
  }

  /** 'startup' for packets without a letter, 'typed' for messages. */
  set mode(mode: 'startup' | 'typed') {
    this.#framer.mode = mode
  }

  /** Bytes that came and belong to no message read so far. */
  get pending(): number {
    return this.#framer.pending
  }

  /** Called when the peer is gone: its stream ended with nothing left to read. */
  set onGone(callback: () => void) {
    this.#onGone = callback
    this.#tellGone()
  }

  /** The next whole message; null at the end of the stream. Rejects with a ProtocolViolation. One caller at a time. */
  next(): Promise<Frame | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Frame | null>()
    this.#waiter = { resolve, reject }
    this.#serve()
    if (this.#framer.pending < this.#capBytes) this.#stream.resume()
    return promise
  }

  /** Listens no more, and gives what came and was not read. The stream is paused. */
  release(): Buffer {
    this.#stream.off('data', this.#take).off('end', this.#end).off('close', this.#end)
    this.#stream.pause()
    this.#waiter = null
    this.#onGone = () => {}
    return this.#framer.rest()
  }

  readonly #take = (chunk: Buffer): void => {
    this.#framer.push(chunk)
    this.#serve()
    if (this.#framer.pending >= this.#capBytes) this.#stream.pause()
  }

  readonly #end = (): void => {
    this.#ended = true
    this.#serve()
    this.#tellGone()
  }

  #tellGone(): void {
    if (this.#ended && this.#framer.pending === 0) this.#onGone()
  }

  #serve(): void {
    const waiter = this.#waiter
    if (waiter === null) return
    try {
      const frame = this.#framer.next()
      if (frame === null && !this.#ended) return
      this.#waiter = null
      waiter.resolve(frame)
    } catch (cause) {
      this.#waiter = null
      waiter.reject(cause)
    }
  }
}
