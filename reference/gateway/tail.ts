/** Whether the upstream's side of a session is at rest: the last thing it said was ReadyForQuery, and nothing was asked since. */

/** `Z`, length 5, and the status of the transaction behind it. */
const readyBytes = 6
const idle = 0x49

export class Tail {
  /** The last bytes, while chunks are shorter than a whole ReadyForQuery. */
  #short: Buffer | null = null
  #status = 0
  #sentAtRest = 0
  readonly #sent: () => number
  /** Called when a transaction has ended and the stream is at rest. */
  onIdle: (() => void) | null = null

  /** `sent` counts the bytes sent to the upstream. The greeting has just ended with ReadyForQuery, outside of a transaction. */
  constructor(sent: () => number) {
    this.#sent = sent
    this.#rest(idle)
  }

  /** Looks at the end of a chunk and keeps nothing of it, unless it is a very short one. */
  see(chunk: Buffer): void {
    if (chunk.length < readyBytes) return this.#seeShort(chunk)
    this.#short = null
    this.#judge(chunk)
  }

  /** A message may be sent to the client now: it falls between two of the upstream's. */
  get atRest(): boolean {
    return this.#status !== 0
  }

  /** And no transaction is open, nor was anything sent that could have begun one. */
  get idle(): boolean {
    return this.#status === idle && this.#sent() === this.#sentAtRest
  }

  #seeShort(chunk: Buffer): void {
    const known = this.#short ?? (this.#status === 0 ? Buffer.alloc(0) : readyMessage(this.#status))
    this.#short = Buffer.concat([known, chunk]).subarray(-readyBytes)
    if (this.#short.length === readyBytes) this.#judge(this.#short)
    else this.#status = 0
  }

  #judge(bytes: Buffer): void {
    const at = bytes.length - readyBytes
    const status = bytes[at + 5]!
    if (bytes[at] === 0x5a && bytes.readInt32BE(at + 1) === 5 && (status === idle || status === 0x54 || status === 0x45)) this.#rest(status)
    else this.#status = 0
  }

  #rest(status: number): void {
    this.#status = status
    this.#sentAtRest = this.#sent()
    if (status === idle) this.onIdle?.()
  }
}

function readyMessage(status: number): Buffer {
  return Buffer.from([0x5a, 0, 0, 0, 5, status])
}
