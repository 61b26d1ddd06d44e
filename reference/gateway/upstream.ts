/** The connection to the pooler: reached, logged in by SCRAM-SHA-256, read up to the end of its greeting. */
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  backendType,
  decodeBackend,
  encodeFrontend,
  encodeStartup,
  ProtocolViolation,
  scramClient,
  scramMechanism,
  type BackendMessage,
  type ErrorFields,
  type Frame,
  type SaltedCache,
  type ScramClient,
} from '../wire/index.ts'
import { Inbox } from './inbox.ts'
import { Refusal } from './reasons.ts'
import { secureUpstream, type UpstreamTls } from './upstream-tls.ts'

export interface UpstreamAddress {
  /** For the log and the operator. */
  readonly name: string
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string }
  /** Null: in the clear. */
  readonly tls: UpstreamTls | null
}

export interface UpstreamLogin {
  readonly user: string
  /** Undefined: our certificate alone must do. */
  readonly password?: string | undefined
  /** All start-up parameters, user and database among them. */
  readonly parameters: ReadonlyMap<string, string>
  /** Salted passwords by salt: a login costs no key derivation but the first. */
  readonly saltedCache: SaltedCache
}

export interface Greeting {
  /** What the upstream said between AuthenticationOk and the end of ReadyForQuery, message by message. */
  readonly frames: readonly Frame[]
  /** Bytes that came behind. */
  readonly rest: Buffer
}

/** A peer that vanished without a word is noticed soon after that. */
export const keepAliveMs = 30_000

const maxMessageBytes = 65_536
const maxGreetingBytes = 1_048_576
const maxSalts = 16

/** A stream to it, encrypted where that is wanted; nothing else was said yet. Whatever the signal aborts is closed. */
export async function dialUpstream({ at, tls }: UpstreamAddress, signal: AbortSignal): Promise<Duplex> {
  const socket = await connectTo(at, signal)
  return tls === null ? socket : await secureUpstream(socket, tls)
}

function connectTo(at: UpstreamAddress['at'], signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ ...at, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs, allowHalfOpen: true })
  const abort = () => socket.destroy(new Error('given up'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  socket.once('connect', () => resolve(socket))
  socket.on('error', (cause: NodeJS.ErrnoException) => reject(unavailable(cause.code ?? cause.message)))
  socket.once('close', () => reject(unavailable('closed')))
  return promise
}

/** Logs in and reads the greeting. Throws a Refusal; the socket is the caller's to close then. */
export async function logIn(socket: Duplex, login: UpstreamLogin): Promise<Greeting> {
  const inbox = new Inbox(socket, { mode: 'typed', maxBytes: maxMessageBytes })
  socket.write(encodeStartup({ kind: 'startup', major: 3, minor: 0, parameters: [...login.parameters] }))
  try {
    await authenticate(socket, inbox, login)
    return { frames: await readGreeting(inbox), rest: inbox.release() }
  } catch (cause) {
    throw cause instanceof ProtocolViolation ? refused(`${cause.reason}: ${cause.message}`) : cause
  }
}

/** Only SCRAM will do: an upstream that wants the password itself, or no proof at all, is not the one we know. Unless we go by a certificate. */
async function authenticate(socket: Duplex, inbox: Inbox, login: UpstreamLogin): Promise<void> {
  if (login.password === undefined) return void (await expect(inbox, 'authentication-ok'))
  const offer = await expect(inbox, 'authentication-sasl')
  if (!offer.mechanisms.includes(scramMechanism)) throw refused(`no ${scramMechanism} among the mechanisms offered`)
  const client = startScram(login.password, login.saltedCache)
  socket.write(encodeFrontend({ kind: 'sasl-initial', mechanism: scramMechanism, data: client.first() }))
  const challenge = await expect(inbox, 'authentication-sasl-continue')
  socket.write(encodeFrontend({ kind: 'sasl-response', data: await client.proof(challenge.data) }))
  const final = await expect(inbox, 'authentication-sasl-final')
  client.finish(final.data)
  await expect(inbox, 'authentication-ok')
}

function startScram(password: string, saltedCache: SaltedCache): ScramClient {
  if (saltedCache.size > maxSalts) saltedCache.clear()
  return scramClient({ password, saltedCache })
}

type Message<K extends BackendMessage['kind']> = Extract<BackendMessage, { readonly kind: K }>

async function expect<K extends BackendMessage['kind']>(inbox: Inbox, kind: K): Promise<Message<K>> {
  for (;;) {
    const message = decodeBackend(await nextFrame(inbox))
    if (message.kind === kind) return message as Message<K>
    if (message.kind === 'error-response') throw readError(message.fields)
    if (message.kind !== 'notice-response') throw refused(`${message.kind} came where ${kind} was due`)
  }
}

const greetingTypes: ReadonlySet<number> = new Set([
  backendType.parameterStatus,
  backendType.backendKeyData,
  backendType.noticeResponse,
  backendType.readyForQuery,
])

async function readGreeting(inbox: Inbox): Promise<Frame[]> {
  const frames: Frame[] = []
  let bytes = 0
  for (;;) {
    const frame = await nextFrame(inbox)
    const message = decodeBackend(frame)
    if (message.kind === 'error-response') throw readError(message.fields)
    if (!greetingTypes.has(frame.type)) throw refused(`${message.kind} came within the greeting`)
    frames.push(frame)
    bytes += frame.bytes.length
    if (bytes > maxGreetingBytes) throw refused('the greeting does not end')
    if (message.kind === 'ready-for-query') return frames
  }
}

async function nextFrame(inbox: Inbox): Promise<Frame> {
  const frame = await inbox.next()
  if (frame === null) throw unavailable('closed during login')
  return frame
}

/** Words that may be passed on: there are some, they are not endless, and they do nothing to a terminal. */
const readable = /^[^\p{C}]{1,500}$/u

/**
 * What an upstream says at login is about our own credential and its own insides: of that the client gets the SQLSTATE of passing troubles,
 * and the words only where they concern a value the client chose.
 */
function readError(fields: ErrorFields): Refusal {
  const [code = '', wording = ''] = [fields.get('C'), fields.get('M')]
  const detail = `the upstream answered ${/^[0-9A-Z]{5}$/.test(code) ? code : 'without a SQLSTATE'}`
  if (code === '22023') return new Refusal('bad_parameter', { detail, ...(readable.test(wording) ? { wording } : {}) })
  if (/^(?:08...|53300|57P0[1-3])$/.test(code)) return new Refusal('upstream_unavailable', { detail, sqlstate: code })
  return new Refusal('upstream_refused', { detail })
}

function unavailable(detail: string): Refusal {
  return new Refusal('upstream_unavailable', { detail })
}

function refused(detail: string): Refusal {
  return new Refusal('upstream_refused', { detail })
}
