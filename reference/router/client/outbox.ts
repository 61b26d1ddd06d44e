/** Gathers what goes to a client out of one chunk of the server, so that it leaves in one write, copied as little as can be. */

export class Outbox {
  readonly #parts: Buffer[] = []

  get empty(): boolean {
    return this.#parts.length === 0
  }

  push(bytes: Buffer): void {
    const last = this.#parts.at(-1)
    const joined = last && joinNeighbours(last, bytes)
    if (joined) this.#parts[this.#parts.length - 1] = joined
    else this.#parts.push(bytes)
  }

  /** Everything gathered, removed. */
  take(): Buffer {
    const [only] = this.#parts
    const all = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts)
    this.#parts.length = 0
    return all
  }
}

/** One buffer over both when the second follows the first in memory, which is so for messages that pass unchanged. */
function joinNeighbours(first: Buffer, second: Buffer): Buffer | null {
  if (first.buffer !== second.buffer || first.byteOffset + first.length !== second.byteOffset) return null
  return Buffer.from(first.buffer, first.byteOffset, first.length + second.length)
}
