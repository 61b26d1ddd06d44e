/** A client that costs little: it counts the ends of answers in the stream and reads nothing else once it is in. */
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { encode } from '../../fixtures/probe.ts'
import { startScram } from './scram.ts'

/** How one gets in. */
export interface Way {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password: string
  /** PEM of the authority; null: without TLS. */
  readonly ca: string | null
  readonly servername?: string
  /** The address of this machine it comes from: each has ports of its own. */
  readonly from?: string
}

/** Called at the end of each answer; the text is that of an error, empty if there was none. */
export type OnAnswer = (refused: string) => void

const deadlineMs = 30_000
const [authentication, errorResponse, readyForQuery] = [0x52, 0x45, 0x5a]
const nothing = Buffer.alloc(0)

export class GeneratorClient {
  readonly #stream: Duplex
  #left: Buffer = nothing
  /** Bytes of the message under way that are still to come. */
  #skip = 0
  #refused = ''
  readonly #note = (_letter: number, message: Buffer): void => void (this.#refused = textOf(message))
  #onMessage = this.#note
  onAnswer: OnAnswer = () => {}
  /** Called once, when the connection is gone without our doing. */
  onLost: () => void = () => {}
  bytes = 0
  #ending = false

  /** On a stream that is in already, or has nothing to log in to. */
  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('error', () => {})
    stream.once('close', () => {
      if (!this.#ending) this.onLost()
    })
  }

  static async open(way: Way): Promise<GeneratorClient> {
    const from = way.from === undefined ? {} : { localAddress: way.from }
    const socket = connect({ host: way.host, port: way.port, noDelay: true, ...from })
    const late = setTimeout(() => socket.destroy(new Error('the login took too long')), deadlineMs)
    try {
      const stream = way.ca === null ? socket : await secure(socket, way.ca, way.servername ?? 'localhost')
      const client = new GeneratorClient(stream)
      await client.#logIn(way)
      return client
    } catch (cause) {
      socket.destroy()
      throw cause
    } finally {
      clearTimeout(late)
    }
  }

  send(bytes: Buffer): void {
    this.#stream.write(bytes)
  }

  /** Sends, and resolves when the answer has come to its end. */
  async ask(bytes: Buffer, withinMs = deadlineMs): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const [answer, lost] = [this.onAnswer, this.onLost]
    const late = setTimeout(() => reject(new Error('no answer in time')), withinMs)
    this.onAnswer = (refused) => (refused === '' ? resolve() : reject(new Error(refused)))
    this.onLost = () => reject(new Error('the connection was closed'))
    this.#stream.write(bytes)
    try {
      await promise
    } finally {
      clearTimeout(late)
      this.onAnswer = answer
      this.onLost = lost
    }
  }

  async prepare(name: string, sql: string): Promise<void> {
    await this.ask(Buffer.concat([encode.parse(name, sql), encode.sync()]))
  }

  async close(): Promise<void> {
    this.#ending = true
    if (this.#stream.closed) return
    const gone = Promise.withResolvers<void>()
    const late = setTimeout(() => this.#stream.destroy(), 5_000)
    this.#stream.once('close', gone.resolve)
    this.#stream.end(encode.terminate())
    await gone.promise
    clearTimeout(late)
  }

  /** Gone at once, without a word. */
  tear(): void {
    this.#ending = true
    this.#stream.destroy()
  }

  async #logIn({ user, database, password }: Way): Promise<void> {
    const done = Promise.withResolvers<void>()
    const scram = startScram(password)
    this.onAnswer = () => done.resolve()
    this.onLost = () => done.reject(new Error('closed at the login'))
    this.#onMessage = (letter, message) => {
      if (letter === errorResponse) return done.reject(new Error(`refused: ${textOf(message)}`))
      const [code, text] = [message.readUInt32BE(0), message.toString('latin1', 4)]
      if (code === 3) this.#stream.write(encode.password(password))
      if (code === 10) this.#stream.write(encode.saslInitial('SCRAM-SHA-256', scram.first))
      if (code === 11) this.#stream.write(encode.saslResponse(scram.final(text)))
    }
    this.#stream.write(encode.startup({ user, database }))
    await done.promise
    this.#onMessage = this.#note
    this.onAnswer = () => {}
    this.onLost = () => {}
  }

  /** Walks over the messages by their lengths; a body that is not wanted is never gathered. */
  #take(chunk: Buffer): void {
    this.bytes += chunk.length
    const bytes = this.#left.length > 0 ? Buffer.concat([this.#left, chunk]) : chunk
    let at = this.#skip
    while (at + 5 <= bytes.length) {
      const letter = bytes[at]!
      const end = at + 1 + bytes.readUInt32BE(at + 1)
      if (letter === authentication || letter === errorResponse) {
        if (end > bytes.length) break
        this.#onMessage(letter, bytes.subarray(at + 5, end))
      }
      at = end
      if (letter === readyForQuery) this.#answered()
    }
    this.#skip = Math.max(0, at - bytes.length)
    this.#left = at < bytes.length ? Buffer.from(bytes.subarray(at)) : nothing
  }

  #answered(): void {
    const refused = this.#refused
    this.#refused = ''
    this.onAnswer(refused)
  }
}

const textOf = (message: Buffer) => message.toString('utf8').replaceAll('\0', ' ')

async function secure(socket: Socket, ca: string, servername: string): Promise<Duplex> {
  const answer = Promise.withResolvers<void>()
  socket.write(encode.sslRequest())
  socket.once('readable', answer.resolve).once('error', answer.reject).once('close', () => answer.reject(new Error('closed at the login'))) // prettier-ignore
  await answer.promise
  if (String(socket.read(1)) !== 'S') throw new Error('it does not offer TLS')
  const done = Promise.withResolvers<void>()
  const stream = connectTls({ socket, ca, servername })
  stream.once('secureConnect', done.resolve).once('error', done.reject).once('close', () => done.reject(new Error('closed at the handshake'))) // prettier-ignore
  await done.promise
  return stream
}
