/** Reads fields out of one message body, checking each against the end of the body. */
import { ProtocolViolation } from './violation.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class Reader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  get left(): number {
    return this.#body.length - this.#at
  }

  byte(): number {
    return this.#step(1).readUInt8(0)
  }

  int16(): number {
    return this.#step(2).readInt16BE(0)
  }

  /** Counts are unsigned in the protocol. */
  count(): number {
    return this.#step(2).readUInt16BE(0)
  }

  int32(): number {
    return this.#step(4).readInt32BE(0)
  }

  uint32(): number {
    return this.#step(4).readUInt32BE(0)
  }

  bytes(length: number): Buffer {
    if (length < 0) throw new ProtocolViolation('bad-length', 'a field announced a negative length')
    return this.#step(length)
  }

  rest(): Buffer {
    return this.#step(this.left)
  }

  /** The bytes before the next NUL, which is consumed. */
  cbytes(): Buffer {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) throw new ProtocolViolation('unterminated', 'a string lacks its final NUL')
    const value = this.#body.subarray(this.#at, end)
    this.#at = end + 1
    return value
  }

  /** A string as UTF-8; bytes that are none become U+FFFD. */
  cstring(): string {
    return this.cbytes().toString('utf8')
  }

  /** A string that must be UTF-8. */
  strictString(): string {
    try {
      return strictUtf8.decode(this.cbytes())
    } catch (cause) {
      if (cause instanceof ProtocolViolation) throw cause
      throw new ProtocolViolation('bad-encoding', 'a string is not valid UTF-8')
    }
  }

  /** A value with its length before it; -1 means null. */
  value(): Buffer | null {
    const length = this.int32()
    return length === -1 ? null : this.bytes(length)
  }

  list<T>(count: number, read: () => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  end(): void {
    if (this.left > 0) throw new ProtocolViolation('trailing-bytes', 'a message is longer than its fields')
  }

  #step(length: number): Buffer {
    if (length > this.left) throw new ProtocolViolation('truncated', 'a message is shorter than its fields')
    const value = this.#body.subarray(this.#at, this.#at + length)
    this.#at += length
    return value
  }
}
