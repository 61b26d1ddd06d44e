/** One end of a connection that plays a script: it writes, remembers what it heard and said, and is never surprised. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { applyEdits } from './edits.ts'
import type { Act } from './script.ts'

/** So long a peer is given to say something before the script goes on without it, ms. */
const hearMs = 250
const tlsMs = 1000
/** More than this of one side's words is not kept. */
const keptBytes = 8 * 1024 * 1024

export class Line {
  readonly #socket: Socket
  #stream: Duplex
  readonly #heard: Buffer[] = []
  readonly #said: Buffer[] = []
  #heardBytes = 0
  #port = 0
  #listenedTo = 0
  #wake: () => void = () => {}
  /** How many bytes had been heard when TLS began; -1 without. */
  plainBytes = -1
  /** What was said up to there. */
  plainSaid = 0
  ended = false
  cut = false

  constructor(socket: Socket) {
    this.#socket = socket
    this.#stream = socket
    socket.once('connect', () => this.port)
    socket.on('error', () => {})
    socket.once('close', () => this.#over())
    this.#listen(socket)
  }

  /** Our port of the connection; 0 before it stands. */
  get port(): number {
    return (this.#port ||= this.#socket.localPort ?? 0)
  }

  get heard(): Buffer {
    return this.#joined(this.#heard)
  }

  get said(): Buffer {
    return this.#joined(this.#said)
  }

  /** Whether the connection is gone, for whatever reason. */
  get closed(): boolean {
    return this.ended || this.#stream.destroyed || this.#socket.destroyed
  }

  say(bytes: Buffer, cuts: readonly number[] = []): void {
    if (this.#said.reduce((sum, part) => sum + part.length, 0) < keptBytes) this.#said.push(bytes)
    if (!this.#stream.writable) return
    const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
    for (const [index, from] of [0, ...places].entries()) this.#stream.write(bytes.subarray(from, places[index] ?? bytes.length))
  }

  /** True when there was something new, false when the time was up or the peer is gone. */
  async hear(patienceMs = hearMs, wanted: () => boolean = () => this.#heardBytes > this.#listenedTo): Promise<boolean> {
    const until = performance.now() + patienceMs
    while (!wanted() && !this.closed && performance.now() < until) await this.#news(until - performance.now())
    this.#listenedTo = this.#heardBytes
    return wanted()
  }

  async tls(ca: string, alpn: readonly string[]): Promise<void> {
    if (this.plainBytes >= 0 || this.closed || !(await this.#written())) return
    this.#socket.removeAllListeners('data').removeAllListeners('end')
    this.plainBytes = this.#heardBytes
    this.plainSaid = this.said.length
    const secured = connectTls({ socket: this.#socket, ca, servername: 'localhost', ALPNProtocols: [...alpn] })
    secured.on('error', () => {})
    this.#stream = secured
    this.#listen(secured)
    await Promise.race([once(secured, 'secureConnect'), once(secured, 'close'), wait(tlsMs)]).catch(() => {})
  }

  halfClose(): void {
    this.#stream.end()
  }

  destroy(): void {
    this.cut = true
    this.#stream.destroy()
    this.#socket.destroy()
  }

  reset(): void {
    this.cut = true
    // A socket under TLS must not be torn from under it.
    if (this.#stream === this.#socket) this.#socket.resetAndDestroy()
    else this.#stream.destroy()
  }

  /** Node 24 dies of a TLS socket that is closed while a write of the one under it is still under way. */
  async #written(): Promise<boolean> {
    const until = performance.now() + tlsMs
    while (this.#socket.writableLength > 0 && !this.closed && performance.now() < until) await wait(1)
    return this.#socket.writableLength === 0 && !this.closed
  }

  #listen(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => {
      this.#heardBytes += chunk.length
      if (this.#heardBytes < keptBytes) this.#heard.push(chunk)
      this.#wake()
    })
    stream.once('end', () => this.#over())
    stream.once('close', () => this.#over())
  }

  #over(): void {
    this.ended = true
    this.#wake()
  }

  async #news(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = setTimeout(resolve, Math.max(1, ms))
    await promise
    clearTimeout(timer)
  }

  #joined(parts: Buffer[]): Buffer {
    if (parts.length > 1) parts.splice(0, parts.length, Buffer.concat(parts))
    return parts[0] ?? Buffer.alloc(0)
  }
}

export interface Words {
  /** The bytes of a message, and where its length field stands. */
  readonly write: (message: Extract<Act, { act: 'say' }>['message']) => { readonly bytes: Buffer; readonly lengthAt: 0 | 1 }
  readonly ca: string
}

/** Plays a script to its end, or until the peer is gone. */
export async function play(acts: readonly Act[], line: Line, { write, ca }: Words): Promise<void> {
  for (const act of acts) {
    if (line.closed) return
    await playAct(act, line, write, ca)
  }
}

async function playAct(act: Act, line: Line, write: Words['write'], ca: string): Promise<void> {
  switch (act.act) {
    case 'say': {
      const { bytes, lengthAt } = write(act.message)
      return line.say(applyEdits(bytes, act.edits, lengthAt), act.cuts)
    }
    case 'hear':
      return void (await line.hear())
    case 'pause':
      return await wait(act.ms)
    case 'tls':
      return await line.tls(ca, act.alpn)
    case 'half-close':
      return line.halfClose()
    case 'reset':
      return line.reset()
  }
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
