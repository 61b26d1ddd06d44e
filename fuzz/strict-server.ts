/** A server behind the router that takes nothing malformed: it answers a little, and complains of whatever Postgres would not have understood. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { frame } from '../fixtures/probe/encode.ts'
import { Line } from './line.ts'
import { scramServer } from './scram-server.ts'
import { readMessage, type Piece } from './strict.ts'

export interface StrictServer extends AsyncDisposable {
  readonly port: number
  readonly complaints: string[]
}

export const serverPassword = 'server-canary-77ac'
const patienceMs = 60_000

export async function startStrictServer(): Promise<StrictServer> {
  const sockets = new Set<Socket>()
  const complaints: string[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void serve(new Line(socket), complaints).finally(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    complaints,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const authentication = (code: number, data = ''): Buffer => frame('R', Buffer.from([0, 0, 0, code]), Buffer.from(data))
const ready = (status: string): Buffer => frame('Z', Buffer.from(status))
const text = (value: string): Buffer => Buffer.from(`${value}\0`)

async function serve(line: Line, complaints: string[]): Promise<void> {
  await line.hear(patienceMs, () => line.heard.length >= 8 && line.heard.length >= line.heard.readUInt32BE(0))
  if (line.heard.length < 8 || line.heard.readUInt32BE(4) === 80_877_102) return
  let at = line.heard.readUInt32BE(0)
  const next = async (): Promise<Piece | null> => {
    await line.hear(patienceMs, () => readMessage(line.heard, at) !== null)
    const piece = readMessage(line.heard, at)
    if (typeof piece === 'string') complaints.push(`a server heard: ${piece}`)
    if (piece === null || typeof piece === 'string') return null
    at = piece.end
    return piece
  }
  await logIn(line, next)
  const session = { status: 'I', skipping: false }
  for (let piece = await next(); piece !== null && piece.letter !== 'X'; piece = await next()) {
    const wrong = complainOfFrontend(piece)
    if (wrong !== null) complaints.push(`a server heard a malformed message ${piece.letter}: ${wrong}`)
    answer(piece, line, session)
    if (line.heard.length > 6_000_000) return
  }
}

async function logIn(line: Line, next: () => Promise<Piece | null>): Promise<void> {
  const scram = scramServer(serverPassword)
  line.say(authentication(10, 'SCRAM-SHA-256\0\0'))
  const first = (await next())?.body ?? Buffer.alloc(0)
  line.say(authentication(11, scram.challenge(first.toString('latin1', first.indexOf(0) + 5), {})))
  const final = (await next())?.body ?? Buffer.alloc(0)
  line.say(authentication(12, scram.final(final.toString('latin1'))))
  const statuses = [['server_version', '18.4'], ['client_encoding', 'UTF8']].map(([name = '', value = '']) => frame('S', text(name), text(value))) // prettier-ignore
  line.say(Buffer.concat([authentication(0), ...statuses, frame('K', Buffer.from([0, 0, 0, 9, 1, 2, 3, 4])), ready('I')]))
}

interface Session {
  status: string
  skipping: boolean
}

const failure = frame('E', text('SERROR'), text('VERROR'), text('C22012'), text('Mfailed'), Buffer.alloc(1))

function answer({ letter, body }: Piece, line: Line, session: Session): void {
  if (letter === 'Q')
    return line.say(Buffer.concat([...queryAnswer(body.toString('latin1', 0, body.length - 1), session), ready(session.status)]))
  if (letter === 'F') return line.say(Buffer.concat([failure, ready(session.status)]))
  if (letter === 'S') {
    session.skipping = false
    return line.say(ready(session.status))
  }
  const extended = { P: frame('1'), B: frame('2'), D: frame('n'), E: frame('C', text('SELECT 0')), C: frame('3') }[letter]
  if (extended !== undefined && !session.skipping) line.say(extended)
}

function queryAnswer(sql: string, session: Session): Buffer[] {
  if (/^begin/i.test(sql)) session.status = 'T'
  if (/^(commit|rollback)/i.test(sql)) session.status = 'I'
  if (sql === 'fail') {
    session.status = session.status === 'T' ? 'E' : session.status
    return [failure]
  }
  return [frame('C', text('SELECT 0'))]
}

/** What does not add up inside a message; null when all does. */
function complainOfFrontend({ letter, body }: Piece): string | null {
  const reader = new BodyReader(body)
  const shapes: Readonly<Record<string, () => void>> = {
    Q: () => reader.text(),
    P: () => (reader.text(), reader.text(), reader.times(reader.int16(), () => reader.skip(4))),
    B: () => readBind(reader),
    D: () => (reader.skip(1), reader.text()),
    C: () => (reader.skip(1), reader.text()),
    E: () => (reader.text(), reader.skip(4)),
    S: () => {},
    H: () => {},
    c: () => {},
    X: () => {},
    f: () => reader.text(),
    d: () => reader.skip(body.length),
    F: () => reader.skip(body.length),
  }
  const read = shapes[letter]
  if (read === undefined) return 'no such message'
  read()
  return reader.bad ? 'it is shorter than its fields' : reader.left > 0 ? 'it is longer than its fields' : null
}

function readBind(reader: BodyReader): void {
  reader.text()
  reader.text()
  reader.times(reader.int16(), () => reader.skip(2))
  reader.times(reader.int16(), () => reader.skip(Math.max(0, reader.int32())))
  reader.times(reader.int16(), () => reader.skip(2))
}

class BodyReader {
  readonly #body: Buffer
  #at = 0
  bad = false

  constructor(body: Buffer) {
    this.#body = body
  }

  get left(): number {
    return this.#body.length - this.#at
  }

  skip(count: number): void {
    if (count > this.left) this.bad = true
    else this.#at += count
  }

  int16(): number {
    this.skip(2)
    return this.bad ? 0 : this.#body.readUInt16BE(this.#at - 2)
  }

  int32(): number {
    this.skip(4)
    return this.bad ? 0 : this.#body.readInt32BE(this.#at - 4)
  }

  text(): void {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) this.bad = true
    else this.#at = end + 1
  }

  times(count: number, read: () => void): void {
    for (let i = 0; i < count && !this.bad; i++) read()
  }
}
