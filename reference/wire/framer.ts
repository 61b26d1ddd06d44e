/** Cuts a byte stream into protocol messages, however it was split on the way, without ever trusting a length it reads. */
import { ProtocolViolation } from './violation.ts'

/** The largest body of a start-up packet Postgres itself takes (the length field may say four more). */
export const startupCapBytes = 10_000

export type Piece = 'whole' | 'first' | 'middle' | 'last'

/** One message, or one piece of a message whose type is streamed. Its bytes are never overwritten later: they may be kept and sent on. */
export interface Frame {
  /** The letter's byte value; 0 for a start-up packet. */
  readonly type: number
  /** Header and body (of this piece), exactly as received. */
  readonly bytes: Buffer
  /** Without the header. */
  readonly body: Buffer
  readonly piece: Piece
}

export interface FramerOptions {
  /** 'startup': the next packet has a length and no letter. Set `framer.mode` between two `next()` to change over. */
  readonly mode: 'startup' | 'typed'
  /** Largest body of a message kept whole, in bytes. */
  readonly maxBytes: number
  /** Largest body of a start-up packet; default `startupCapBytes`. */
  readonly maxStartupBytes?: number
  /** Letters (byte values) whose messages are handed out piece by piece as they arrive, so that their size costs no memory. */
  readonly stream?: ReadonlySet<number>
}

/** Postgres cannot make a longer message; a streamed one above it is refused too. */
const largestMessageBytes = 0x3fff_ffff

/** Makes a frame of the parts of a whole typed message (for tests and for messages built here). */
export function frameOf(bytes: Buffer): Frame {
  return { type: bytes[0] ?? 0, bytes, body: bytes.subarray(5), piece: 'whole' }
}

export class Framer {
  mode: 'startup' | 'typed'
  /** May be changed between two `next()`: small until a stranger has logged in, say. */
  maxBytes: number
  readonly #options: FramerOptions
  #store: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #owned = false
  #streaming: { type: number; left: number } | null = null

  constructor(options: FramerOptions) {
    this.mode = options.mode
    this.maxBytes = options.maxBytes
    this.#options = options
  }

  /** Bytes received and not handed out yet. */
  get pending(): number {
    return this.#end - this.#start
  }

  /** True when the stream stands inside a message: its end here would cut it. */
  get inside(): boolean {
    return this.#streaming !== null || this.pending > 0
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.pending === 0) {
      this.#store = chunk
      this.#start = 0
      this.#end = chunk.length
      this.#owned = false
      return
    }
    this.#append(chunk)
  }

  /** The next complete message (or piece of a streamed one), or null when more bytes are needed. Throws a ProtocolViolation. */
  next(): Frame | null {
    if (this.#streaming) return this.#nextPiece(this.#streaming)
    return this.mode === 'startup' ? this.#nextStartup() : this.#nextTyped()
  }

  /** Everything not handed out yet, removed from the framer: what follows is no business of a codec. */
  rest(): Buffer {
    return this.#take(this.pending)
  }

  #append(chunk: Buffer): void {
    const used = this.pending
    if (!this.#owned || this.#end + chunk.length > this.#store.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, used * 2, used + chunk.length))
      this.#store.copy(grown, 0, this.#start, this.#end)
      this.#store = grown
      this.#start = 0
      this.#end = used
      this.#owned = true
    }
    chunk.copy(this.#store, this.#end)
    this.#end += chunk.length
  }

  #take(length: number): Buffer {
    const taken = this.#store.subarray(this.#start, this.#start + length)
    this.#start += length
    return taken
  }

  #nextStartup(): Frame | null {
    if (this.pending < 4) return null
    const length = this.#store.readUInt32BE(this.#start)
    checkLength(length, 8, this.#options.maxStartupBytes ?? startupCapBytes)
    if (this.pending < length) return null
    const bytes = this.#take(length)
    return { type: 0, bytes, body: bytes.subarray(4), piece: 'whole' }
  }

  #nextTyped(): Frame | null {
    if (this.pending < 5) return null
    const type = this.#store[this.#start] ?? 0
    const length = this.#store.readUInt32BE(this.#start + 1)
    const streamed = this.#options.stream?.has(type) ?? false
    checkLength(length, 4, streamed ? largestMessageBytes : this.maxBytes)
    if (this.pending >= length + 1) return wholeFrame(type, this.#take(length + 1))
    return streamed ? this.#firstPiece(type, length + 1) : null
  }

  #firstPiece(type: number, total: number): Frame {
    const bytes = this.rest()
    this.#streaming = { type, left: total - bytes.length }
    return { type, bytes, body: bytes.subarray(5), piece: 'first' }
  }

  #nextPiece(streaming: { type: number; left: number }): Frame | null {
    if (this.pending === 0) return null
    const bytes = this.#take(Math.min(streaming.left, this.pending))
    streaming.left -= bytes.length
    if (streaming.left === 0) this.#streaming = null
    return { type: streaming.type, bytes, body: bytes, piece: streaming.left === 0 ? 'last' : 'middle' }
  }
}

function wholeFrame(type: number, bytes: Buffer): Frame {
  return { type, bytes, body: bytes.subarray(5), piece: 'whole' }
}

function checkLength(length: number, least: number, mostBody: number): void {
  if (length < least || length > 0x7fff_ffff) throw new ProtocolViolation('bad-length', 'a message announced an impossible length')
  if (length - 4 > mostBody) throw new ProtocolViolation('too-large', `a message announced more than ${mostBody} bytes`)
}
