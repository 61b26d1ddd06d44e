/** Takes in a new client: log-in, greeting, then a session of its own; or a cancel request, or a refusal. */
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import {
  encodeBackend,
  Framer,
  frontendType,
  mockVerifier,
  ProtocolViolation,
  scramVerifier,
  type ScramVerifier,
} from '../../wire/index.ts'
import { AdminSession } from '../admin/admin-session.ts'
import type { Estate } from '../admin/commands.ts'
import { isRouted, type RouterConfig } from '../config.ts'
import { converse, HungUp, type Conversation } from '../conversation.ts'
import type { Metrics } from '../metrics.ts'
import type { Pieces } from '../pieces.ts'
import type { Pools } from '../pool/pools.ts'
import { Refused } from '../refused.ts'
import { Desk } from './desk.ts'
import type { Reports } from './greeting.ts'
import type { Keys, CancelKey } from './keys.ts'
import { authenticate, readOpening, type Opening } from './log-in.ts'
import { ClientParameters } from './parameters.ts'
import { Session } from './session.ts'
import type { Domains } from '../crew/domains.ts'
import { ShardSession } from '../crew/shard-session.ts'

/** From the first byte to the password. */
const logInTimeoutMs = 10_000
/** A start-up packet may carry claims of several KB. */
const largestStartupBytes = 32 * 1024
const largestLogInMessageBytes = 16 * 1024
/** Queries, statements and their parameters; copy data is not kept whole. */
const largestMessageBytes = 64 * 1024 * 1024

export type AnySession = Session | ShardSession | AdminSession

export interface Who {
  readonly user: string
  readonly database: string
}

export interface Hall {
  readonly config: RouterConfig
  readonly pieces: Pieces
  readonly pools: Pools
  readonly metrics: Metrics
  readonly keys: Keys<{ current: AnySession | null }>
  readonly domains: Domains
  readonly sessions: Map<AnySession, Who>
  readonly estate: Estate
  readonly draining: () => boolean
  readonly log: Logger
}

/** Verifiers are made once: each costs thousands of hashes. */
export function openReception(hall: Hall): (socket: Socket) => void {
  const verifiers = new Map(hall.config.users.map(({ name, password }) => [name, scramVerifier(password)]))
  const secret = randomBytes(32)
  const { admin } = hall.config
  const operator = admin && scramVerifier(admin.password)
  const verifierOf = ({ user, database }: Who): ScramVerifier => {
    const known = database === admin?.database ? (user === admin.user ? operator : undefined) : verifiers.get(user)
    return known ?? mockVerifier(user, secret)
  }
  return (socket) => void receive(hall, socket, verifierOf)
}

async function receive(hall: Hall, socket: Socket, verifierOf: (who: Who) => ScramVerifier): Promise<void> {
  const framer = new Framer({
    mode: 'startup',
    maxBytes: largestLogInMessageBytes,
    maxStartupBytes: largestStartupBytes,
    stream: new Set([frontendType.copyData]),
  })
  const conversation = converse(socket, framer)
  const late = new Refused('FATAL', '08006', `the log-in took longer than ${logInTimeoutMs} ms`)
  const timer = setTimeout(() => sayNo(hall, socket, late), logInTimeoutMs)
  try {
    const opening = await readOpening(socket, conversation)
    if ('processId' in opening) return await cancel(hall, socket, opening)
    framer.mode = 'typed'
    await authenticate(socket, conversation, opening.user, verifierOf(opening))
    clearTimeout(timer)
    await begin(hall, socket, conversation, opening)
  } catch (error) {
    sayNo(hall, socket, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Never answered: who asks learns nothing. The connection ends when the server has been asked, so that the client may rely on the order. */
async function cancel(hall: Hall, socket: Socket, key: CancelKey): Promise<void> {
  const session = hall.keys.find(key)?.current
  try {
    await session?.cancel()
  } catch (error) {
    hall.log.info({ reason: (error as Error).message }, 'a cancel request did not reach its server')
  }
  socket.end()
}

async function begin(hall: Hall, socket: Socket, conversation: Conversation, opening: Opening): Promise<void> {
  const { config, pieces, metrics, log, keys, sessions } = hall
  if (opening.database === config.admin?.database) return beginAdmin(hall, socket, conversation, opening)
  const found = hall.pools.find(opening.user, opening.database)
  if (!found) throw new Refused('FATAL', '3D000', `database "${opening.database}" does not exist`)
  const parameters = new ClientParameters(opening.parameters)
  const { cleanQuery, connectTimeoutMs } = config.pool
  const deskOptions = { pool: found.pool, parameters, pieces, cleanQuery, deadlineMs: connectTimeoutMs, log }
  const desk = new Desk({ ...deskOptions, onCheckOut: () => metrics.checkedOut() })
  const reports = await found.greetings.reportsFor(opening.parameters, desk, conversation.hungUp)
  conversation.hungUp.throwIfAborted()
  const holder: { current: AnySession | null } = { current: null }
  const key = keys.mint(holder, opening.minor >= 2 ? 32 : 4)
  const { framer } = conversation
  conversation.leave()
  framer.maxBytes = largestMessageBytes
  const common = { socket, framer, parameters, desk, pieces, metrics, log }
  const onOver = (): void => {
    keys.forget(key.processId)
    sessions.delete(session)
    log.debug({ user: opening.user, database: opening.database }, 'a client has gone')
  }
  const session: AnySession = isRouted(found.database)
    ? new ShardSession({ ...common, onOver, deadlineMs: connectTimeoutMs, domain: () => hall.domains.of(opening.user, opening.database) })
    : new Session({ ...common, mode: found.mode, onOver, cancelDeadlineMs: connectTimeoutMs })
  holder.current = session
  sessions.set(session, { user: opening.user, database: opening.database })
  log.debug({ user: opening.user, database: opening.database }, 'a client logged in')
  socket.write(greetingOf(reports, key))
  session.proceed()
  if (hall.draining()) session.drain()
}

function beginAdmin(
  { estate, sessions, keys, log, draining }: Hall,
  socket: Socket,
  conversation: Conversation,
  { user, database }: Opening,
): void {
  const holder: { current: AnySession | null } = { current: null }
  const key = keys.mint(holder, 4)
  const { framer } = conversation
  conversation.leave()
  const onOver = (): void => {
    keys.forget(key.processId)
    sessions.delete(session)
  }
  const session = new AdminSession({ socket, framer, estate, log, onOver })
  holder.current = session
  sessions.set(session, { user, database })
  socket.write(
    greetingOf(
      new Map([
        ['client_encoding', 'UTF8'],
        ['server_version', '18.0 (orochi-router)'],
      ]),
      key,
    ),
  )
  session.proceed()
  if (draining()) session.drain()
}

function greetingOf(reports: Reports, key: CancelKey): Buffer {
  const statuses = [...reports].map(([name, value]) => encodeBackend({ kind: 'parameter-status', name, value }))
  const ok = encodeBackend({ kind: 'authentication-ok' })
  return Buffer.concat([
    ok,
    ...statuses,
    encodeBackend({ kind: 'backend-key-data', ...key }),
    encodeBackend({ kind: 'ready-for-query', status: 'I' }),
  ])
}

function sayNo(hall: Hall, socket: Socket, error: unknown): void {
  socket.on('error', () => {})
  if (error instanceof HungUp || socket.destroyed || socket.writableEnded) return void socket.destroy()
  const refused = refusalOf(error, hall.log)
  if (!refused) return void socket.destroy()
  hall.metrics.error(refused.sqlstate)
  hall.log.info({ sqlstate: refused.sqlstate, reason: refused.message }, 'a log-in was refused')
  socket.end(refused.bytes())
  socket.resume()
  setTimeout(() => socket.destroy(), 2000).unref()
}

function refusalOf(error: unknown, log: Logger): Refused | null {
  if (error instanceof Refused) return error.asFatal()
  if (error instanceof ProtocolViolation) return new Refused('FATAL', error.sqlstate, error.message, error)
  if ((error as NodeJS.ErrnoException).syscall) return null
  log.error({ err: error }, 'the router failed')
  return new Refused('FATAL', 'XX000', 'the router failed', error)
}
