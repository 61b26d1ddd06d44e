/** A scripted Postgres server for tests: logs in by SCRAM, keeps parameters, transactions and prepared statements, and remembers what it heard. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  decodeFrontend,
  decodeStartup,
  encodeBackend,
  errorMessage,
  Framer,
  scramMechanism,
  scramServer,
  scramVerifier,
  type BackendMessage,
  type FrontendMessage,
  type TransactionStatus,
} from '../../wire/index.ts'

/** One session of the fake server, as a test sees it. */
export interface FakeSession {
  readonly id: number
  /** Texts of the queries it got, in order. */
  readonly heard: string[]
  readonly parameters: Map<string, string>
  readonly prepared: Map<string, string>
  status: TransactionStatus
  kill(): void
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number
  /** Living ones. */
  readonly sessions: Set<FakeSession>
  /** Process ids of the cancel requests it got. */
  readonly cancels: number[]
}

export const fakePassword = 'secret'

type Say = (...messages: (BackendMessage | Buffer)[]) => void

export async function startFakeServer(): Promise<FakeServer> {
  const sessions = new Set<FakeSession>()
  const running = new Map<number, () => void>()
  const cancels: number[] = []
  const sockets = new Set<Socket>()
  let lastId = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    serve(socket, { sessions, running, cancels, nextId: () => ++lastId })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    sessions,
    cancels,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface House {
  readonly sessions: Set<FakeSession>
  /** What breaks off the query a session runs. */
  readonly running: Map<number, () => void>
  readonly cancels: number[]
  readonly nextId: () => number
}

function serve(socket: Socket, house: House): void {
  const framer = new Framer({ mode: 'startup', maxBytes: 1_000_000 })
  const say: Say = (...messages) => void socket.write(Buffer.concat(messages.map((m) => (Buffer.isBuffer(m) ? m : encodeBackend(m)))))
  const login = scramServer(scramVerifier(fakePassword, { iterations: 2 }))
  let session: FakeSession | null = null
  let stage: 'startup' | 'sasl-initial' | 'sasl-response' | 'open' = 'startup'
  const step = (body: Buffer, read: (stage: 'sasl-initial' | 'sasl-response') => FrontendMessage, message: () => FrontendMessage): void => {
    if (stage === 'startup') {
      const packet = decodeStartup(body)
      if (packet.kind === 'cancel-request') {
        house.cancels.push(packet.processId)
        house.running.get(packet.processId)?.()
        return void socket.end()
      }
      framer.mode = 'typed'
      stage = 'sasl-initial'
      return say({ kind: 'authentication-sasl', mechanisms: [scramMechanism] })
    }
    if (stage === 'open') return session ? answer(session, message(), say, house) : undefined
    const m = read(stage)
    if (m.kind === 'sasl-initial' && m.data) say({ kind: 'authentication-sasl-continue', data: login.challenge(m.data) })
    if (m.kind === 'sasl-response') {
      const final = login.verify(m.data)
      if (!final) return void socket.end(errorMessage({ severity: 'FATAL', code: '28P01', message: 'wrong password' }))
      session = open(socket, house)
      say({ kind: 'authentication-sasl-final', data: final }, ...greeting(session.id))
    }
    stage = stage === 'sasl-initial' ? 'sasl-response' : 'open'
  }
  socket.on('data', (chunk) => {
    framer.push(chunk)
    for (let frame = framer.next(); frame; frame = framer.next()) {
      const whole = frame
      step(
        whole.body,
        (at) => decodeFrontend(whole, at),
        () => decodeFrontend(whole),
      )
    }
  })
}

function open(socket: Socket, house: House): FakeSession {
  const session: FakeSession = {
    id: house.nextId(),
    heard: [],
    parameters: new Map(),
    prepared: new Map(),
    status: 'I',
    kill: () => void socket.destroy(),
  }
  house.sessions.add(session)
  socket.on('close', () => house.sessions.delete(session))
  return session
}

const greeting = (id: number): BackendMessage[] => [
  { kind: 'authentication-ok' },
  { kind: 'parameter-status', name: 'server_version', value: '18.4' },
  { kind: 'parameter-status', name: 'application_name', value: 'orochi-router' },
  { kind: 'parameter-status', name: 'client_encoding', value: 'UTF8' },
  { kind: 'backend-key-data', processId: id, secret: Buffer.from([0, 0, 0, id]) },
  { kind: 'ready-for-query', status: 'I' },
]

const row = (value: string): BackendMessage[] => [
  { kind: 'data-row', values: [Buffer.from(value)] },
  { kind: 'command-complete', tag: 'SELECT 1' },
]

const refusal = (code: string, message: string): Buffer => errorMessage({ severity: 'ERROR', code, message })

function answer(session: FakeSession, m: FrontendMessage, say: Say, house: House): void {
  const ready = (): void => say({ kind: 'ready-for-query', status: session.status })
  if (m.kind === 'query') {
    session.heard.push(m.text)
    if (m.text !== 'sleep') return say(...run(session, m.text), { kind: 'ready-for-query', status: session.status })
    house.running.set(session.id, () => {
      house.running.delete(session.id)
      say(refusal('57014', 'canceling statement due to user request'))
      ready()
    })
  } else if (m.kind === 'sync') ready()
  else answerExtended(session, m, say)
}

let bound = ''

function answerExtended(session: FakeSession, m: FrontendMessage, say: Say): void {
  if (m.kind === 'parse') {
    session.prepared.set(m.name, m.text)
    say({ kind: 'parse-complete' })
  } else if (m.kind === 'bind') {
    const text = session.prepared.get(m.statement)
    bound = text ?? ''
    say(text === undefined ? refusal('26000', `prepared statement "${m.statement}" does not exist`) : { kind: 'bind-complete' })
  } else if (m.kind === 'execute') say(...row(bound))
  else if (m.kind === 'close') {
    session.prepared.delete(m.name)
    say({ kind: 'close-complete' })
  } else if (m.kind === 'describe') say({ kind: 'no-data' })
}

const done = (tag: string): BackendMessage[] => [{ kind: 'command-complete', tag }]

/** Understands what the router says, and a few words for tests. */
function run(session: FakeSession, text: string): (BackendMessage | Buffer)[] {
  const set = [...text.matchAll(/set_config\(E'(.*?)', E'((?:[^'\\]|''|\\\\)*)', false\)/g)].map(([, name = '', value = '']) => ({
    name,
    value: value.replaceAll("''", "'").replaceAll('\\\\', '\\'),
  }))
  for (const { name, value } of set) session.parameters.set(name, value)
  if (set.length > 0) return [...set.map((one): BackendMessage => ({ kind: 'parameter-status', ...one })), ...done('SELECT 1')]
  if (text.startsWith('CLOSE ALL')) {
    session.parameters.clear()
    return done('RESET')
  }
  if (text.startsWith('SELECT ARRAY')) return row(`{${[...session.prepared.keys()].filter(Boolean).map(() => 'f')}}`)
  if (text === 'begin' || text === 'commit' || text === 'ROLLBACK') {
    session.status = text === 'begin' ? 'T' : 'I'
    return done(text.toUpperCase())
  }
  if (text === 'PREPARE p') return done('PREPARE')
  if (text === 'fail') return [refusal('22012', 'division by zero')]
  if (text.startsWith('show ')) return row(session.parameters.get(text.slice(5)) ?? '')
  if (text.startsWith('many '))
    return [...Array.from({ length: Number(text.slice(5)) }, (_, i) => row(`row ${i}`)[0] ?? Buffer.alloc(0)), ...done('SELECT')]
  return text === 'who' ? row(String(session.id)) : row('')
}
