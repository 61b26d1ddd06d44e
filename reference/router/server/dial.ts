/** Opens a connection to a server and logs in, within a deadline, leaving nothing behind when that fails. */
import type { Socket } from 'node:net'
import {
  backendType,
  decodeBackend,
  encodeFrontend,
  encodeStartup,
  Framer,
  ProtocolViolation,
  scramClient,
  scramMechanism,
  type SaltedCache,
  type BackendMessage,
  type ErrorFields,
} from '../../wire/index.ts'
import { converse, HungUp, type Conversation } from '../conversation.ts'
import { NotVerified, openSocket } from './secure.ts'
import { ServerConnection } from './connection.ts'
import type { ServerTarget } from './target.ts'

/** No connection could be made. The SQLSTATE is the server's own when it gave one, else 08006. */
export class DialFailed extends Error {
  readonly sqlstate: string

  constructor(sqlstate: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DialFailed'
    this.sqlstate = sqlstate
  }
}

const largestMessageBytes = 16 * 1024 * 1024

/** Rows, copy data and notices pass through in pieces, so their size costs no memory. */
const streamed = new Set<number>([backendType.dataRow, backendType.copyData, backendType.noticeResponse, backendType.functionResult])

export interface DialOptions {
  readonly deadlineMs: number
  /** How long the server may owe an answer and say nothing, once it has let the router in; 0, the default: as long as it likes. */
  readonly answerTimeoutMs?: number
  readonly signal: AbortSignal
  readonly saltedCache: SaltedCache
  readonly open?: typeof openSocket
}

/** Rejects with a DialFailed. */
export async function dial(
  target: ServerTarget,
  { deadlineMs, answerTimeoutMs = 0, signal, saltedCache, open = openSocket }: DialOptions,
): Promise<ServerConnection> {
  let socket: Socket | null = null
  const abandon = (reason: Error): void => void socket?.destroy(reason)
  const late = new DialFailed('08006', `the server did not answer within ${deadlineMs} ms`)
  const timer = setTimeout(() => abandon(late), deadlineMs)
  const giveUp = (): void => abandon(signal.reason as Error)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const opened = await open(target, (begun) => (socket = begun))
    const conversation = converse(opened, new Framer({ mode: 'typed', maxBytes: largestMessageBytes, stream: streamed }))
    const connection = await logIn(target, opened, conversation, saltedCache)
    connection.limitSilence(answerTimeoutMs)
    return connection
  } catch (error) {
    const given = socket as Socket | null
    given?.on('error', () => {}).destroy()
    throw explain(error)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}

async function logIn(
  target: ServerTarget,
  socket: Socket,
  conversation: Conversation,
  saltedCache: SaltedCache,
): Promise<ServerConnection> {
  socket.write(encodeStartup({ kind: 'startup', major: 3, minor: 0, parameters: startupOf(target) }))
  await authenticate(target, socket, conversation, saltedCache)
  const reported = new Map<string, string>()
  let key = { processId: 0, secret: Buffer.alloc(4) }
  for (let m = await receive(conversation); m.kind !== 'ready-for-query'; m = await receive(conversation)) {
    if (m.kind === 'parameter-status') reported.set(m.name, m.value)
    else if (m.kind === 'backend-key-data') key = { processId: m.processId, secret: Buffer.from(m.secret) }
    else if (m.kind !== 'notice-response') throw new DialFailed('08006', 'the server sent something unexpected at log-in')
  }
  conversation.leave()
  return new ServerConnection(target, socket, conversation.framer, key, reported)
}

const startupOf = (target: ServerTarget): [string, string][] => [
  ['user', target.user],
  ['database', target.database],
  ['application_name', 'orochi-router'],
]

async function authenticate(target: ServerTarget, socket: Socket, conversation: Conversation, saltedCache: SaltedCache): Promise<void> {
  const client = scramClient({ password: target.password, saltedCache })
  let proved = false
  for (let m = await receive(conversation); m.kind !== 'authentication-ok'; m = await receive(conversation)) {
    if (m.kind === 'authentication-sasl') {
      if (!m.mechanisms.includes(scramMechanism)) throw new DialFailed('08006', 'the server does not offer SCRAM-SHA-256')
      socket.write(encodeFrontend({ kind: 'sasl-initial', mechanism: scramMechanism, data: client.first() }))
    } else if (m.kind === 'authentication-sasl-continue') {
      socket.write(encodeFrontend({ kind: 'sasl-response', data: await client.proof(m.data) }))
    } else if (m.kind === 'authentication-sasl-final') {
      client.finish(m.data)
      proved = true
    } else throw new DialFailed('08006', 'the server asks for a password in a way that is not SCRAM-SHA-256')
  }
  if (!proved) throw new DialFailed('08006', 'the server took the router in without proving that it knows the password')
}

async function receive(conversation: Conversation): Promise<BackendMessage> {
  for (;;) {
    const frame = await conversation.next()
    if (frame.type === backendType.noticeResponse) continue
    const message = decodeBackend(frame)
    if (message.kind === 'error-response') throw refusal(message.fields)
    return message
  }
}

const refusal = (fields: ErrorFields): DialFailed =>
  new DialFailed(fields.get('C') ?? '08006', `the server refused the router: ${fields.get('M') ?? ''}`)

/** The client may read this: it names no address. */
function explain(error: unknown): DialFailed {
  if (error instanceof DialFailed) return error
  if (error instanceof ProtocolViolation) return new DialFailed('08006', `the server broke the protocol: ${error.message}`, error)
  if (error instanceof NotVerified) return new DialFailed('08006', error.message, error)
  if (error instanceof HungUp) return new DialFailed('08006', 'the server hung up during log-in', error)
  return new DialFailed(
    '08006',
    `the server cannot be reached (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`,
    error,
  )
}
