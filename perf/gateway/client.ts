/** A client that costs little: it counts the ends of answers in the stream and reads nothing else once it is in. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { encode } from '../../fixtures/probe.ts'

export interface Way {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password: string
  /** PEM of the authority; null: without TLS. */
  readonly ca: string | null
}

const deadlineMs = 30_000
const salted = new Map<string, Buffer>()

export class BenchClient {
  readonly #stream: Duplex
  #left: Buffer = Buffer.alloc(0)
  /** Bytes of the message under way that are still to come. */
  #skip = 0
  #onMessage: (letter: number, message: Buffer) => void = () => {}
  #onReady: () => void = () => {}
  #refused = ''
  bytes = 0

  private constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('error', () => {})
  }

  static async open(way: Way): Promise<BenchClient> {
    const socket = connect({ host: way.host, port: way.port, noDelay: true })
    const stream = way.ca === null ? socket : await secure(socket, way.ca)
    const client = new BenchClient(stream)
    await client.#logIn(way)
    return client
  }

  /** Sends, and resolves when the answer has come to its end. */
  ask(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no answer in time')), deadlineMs * 10)
      this.#onReady = () => {
        clearTimeout(late)
        if (this.#refused === '') resolve()
        else reject(new Error(this.#refused))
      }
      this.#stream.write(bytes)
    })
  }

  async prepare(name: string, sql: string): Promise<void> {
    await this.ask(Buffer.concat([encode.parse(name, sql), encode.sync()]))
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.once('close', resolve)
      this.#stream.end(encode.terminate())
    })
  }

  async #logIn({ user, database, password }: Way): Promise<void> {
    const done = Promise.withResolvers<void>()
    const scram = startScram(password)
    const late = setTimeout(() => done.reject(new Error('the login took too long')), deadlineMs)
    this.#onReady = done.resolve
    this.#stream.once('close', () => done.reject(new Error('closed at the login')))
    this.#onMessage = (letter, message) => {
      if (letter === 0x45) return done.reject(new Error(`refused: ${message.toString('utf8').replaceAll('\0', ' ')}`))
      if (letter !== 0x52) return
      const [code, text] = [message.readUInt32BE(0), message.toString('latin1', 4)]
      if (code === 3) this.#stream.write(encode.password(password))
      if (code === 10) this.#stream.write(encode.saslInitial('SCRAM-SHA-256', scram.first))
      if (code === 11) this.#stream.write(encode.saslResponse(scram.final(text)))
    }
    this.#stream.write(encode.startup({ user, database }))
    await done.promise
    clearTimeout(late)
    this.#onMessage = (_letter, message) => (this.#refused = message.toString('utf8').replaceAll('\0', ' '))
  }

  /** Walks over the messages by their lengths; a body that is not wanted is never gathered. */
  #take(chunk: Buffer): void {
    this.bytes += chunk.length
    let bytes = chunk
    if (this.#left.length > 0) bytes = Buffer.concat([this.#left, chunk])
    let at = this.#skip
    while (at + 5 <= bytes.length) {
      const letter = bytes[at]!
      const end = at + 1 + bytes.readUInt32BE(at + 1)
      if ((letter === 0x52 || letter === 0x45) && end > bytes.length) break
      if (letter === 0x52 || letter === 0x45) this.#onMessage(letter, bytes.subarray(at + 5, end))
      at = end
      if (letter === 0x5a) this.#onReady()
    }
    this.#skip = Math.max(0, at - bytes.length)
    this.#left = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0)
  }
}

async function secure(socket: Socket, ca: string): Promise<Duplex> {
  socket.write(encode.sslRequest())
  await new Promise<void>((resolve, reject) => socket.once('readable', () => resolve(void socket.read(1))).once('error', reject))
  const stream = connectTls({ socket, ca, servername: 'localhost' })
  await new Promise<void>((resolve, reject) => stream.once('secureConnect', resolve).once('error', reject))
  return stream
}

/** As fixtures/probe has it, but the salted password is worked out once: hashing is no part of what is measured. */
function startScram(password: string) {
  const bare = `n=,r=${randomBytes(18).toString('base64')}`
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    first: `n,,${bare}`,
    final(challenge: string): string {
      const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(challenge) ?? []
      const key = `${password} ${salt} ${rounds}`
      const known = salted.get(key) ?? pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256')
      salted.set(key, known)
      const clientKey = hmac(known, 'Client Key')
      const unproved = `c=biws,r=${nonce}`
      const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${challenge},${unproved}`)
      return `${unproved},p=${Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64')}`
    },
  }
}
