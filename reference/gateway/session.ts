/** One connection of a client, from its first byte to its last. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { ProtocolViolation } from '../wire/index.ts'
import { nobody, type Guest } from './access/gate.ts'
import type { Admission } from './admission.ts'
import { acceptedRecord, beginAttempt, levelOf, refusedRecord, type Attempt } from './audit.ts'
import { issueKey } from './cancel/issue.ts'
import { Deadline } from './deadline.ts'
import type { Door } from './door.ts'
import { sayFarewell } from './farewell.ts'
import { LiveSession, type Ending } from './live-session.ts'
import { readOpening, type Opening } from './opening.ts'
import type { ClientWishes } from './parameters.ts'
import type { Admitted } from './pieces.ts'
import { reach } from './reach.ts'
import { Refusal, refusalMessage } from './reasons.ts'
import { timed } from './stages.ts'
import { Comfort } from './wake/comfort.ts'

/** A connection and what became of it. */
interface Visit {
  /** Taken anew when the token has come: a key that was withdrawn while the client took its time is not good any more. */
  door: Door
  readonly takeDoor: () => Door
  readonly attempt: Attempt
  /** What it is counted as. */
  guest: Guest
  /** The socket, or the encrypted stream it became. */
  stream: Duplex
  /** What it hears while it waits. */
  readonly comfort: Comfort
  /** Ended from within when its token is revoked or expires. */
  readonly live: LiveSession
  /** Fires when the client is gone or the login is over. */
  readonly giveUp: AbortController
  /** Cancels what the session runs; ends with it. */
  key: Disposable | null
}

type Login = Opening & { readonly kind: 'startup' }

const lingerMs = 10_000

/** Resolves when the connection is over; it never rejects. */
export async function serveClient(socket: Socket, takeDoor: () => Door): Promise<void> {
  const [door, attempt] = [takeDoor(), beginAttempt(socket)]
  const live = new LiveSession({ reasons: door.pieces.reasons, onEnded: (why, told) => cutRecord(door, attempt, why, told) })
  const visit: Visit = {
    door,
    takeDoor,
    attempt,
    guest: nobody,
    stream: socket,
    live,
    comfort: new Comfort(),
    giveUp: new AbortController(),
    key: null,
  }
  socket.on('error', () => {})
  try {
    const guest = await door.pieces.arrive(socket, door, attempt)
    const upstream = guest === null ? null : await receive(socket, Object.assign(visit, { guest }))
    if (upstream !== null) await relay(visit, upstream)
  } catch (cause) {
    await refuse(visit, refusalOf(cause))
  } finally {
    door.standing.leave(live)
    visit.key?.[Symbol.dispose]()
    visit.giveUp.abort()
    visit.stream.destroy()
    socket.destroy()
    visit.guest[Symbol.dispose]()
  }
}

/** The upstream of a client that is in. All that the login needed is gone when this is over: a session may last for days. */
async function receive(socket: Socket, visit: Visit): Promise<Duplex | null> {
  const opening = await open(socket, visit)
  if (opening.kind === 'startup') return await logIn(opening, visit)
  if (opening.kind === 'cancel') await visit.door.pieces.serveCancel(opening.key, visit)
  else cameAndWent(visit)
  return null
}

function cameAndWent({ door, attempt: { session, remote } }: Visit): void {
  door.write('debug', { event: 'connection', session, remote }, 'came and went without a login')
}

async function open(socket: Socket, visit: Visit): Promise<Opening> {
  const { beginHandshake } = visit.guest
  const { secureContext, certificates, maxTokenBytes, startupTimeoutMs, pieces, metrics } = visit.door
  using deadline = new Deadline(startupTimeoutMs, () => new Refusal('login_timeout', { detail: 'before the start-up packet' }))
  const becomes = (stream: Duplex, handshakeMs: number) => {
    visit.stream = stream
    metrics.took('tls', handshakeMs)
    visit.attempt.tls = stream instanceof TLSSocket ? stream.getProtocol() : null
  }
  const { check: checkVersion } = pieces.versions
  const { demandsAlpn } = pieces.tls
  const terms = { secureContext, asksCertificate: certificates.asked, demandsAlpn, checkVersion, maxMessageBytes: maxTokenBytes + 1 }
  return await readOpening(socket, { ...terms, deadline, becomes, beginHandshake })
}

async function logIn(login: Login, visit: Visit): Promise<Duplex> {
  await visit.guest.welcome()
  const wishes = readWishes(login, visit)
  visit.door.certificates.check(login.stream)
  const version = visit.door.pieces.versions.answer(login.startup, wishes.unknownOptions)
  if (version !== null) login.stream.write(version)
  const token = await askForToken(login, visit.door)
  visit.door = visit.takeDoor()
  const admitted = await admit(token, login, wishes, visit)
  const behind = login.inbox.release()
  record(visit, admitted)
  const { greeting, key } = issueKey(admitted, login.startup.minor, visit.attempt, visit.door)
  visit.key = key
  login.stream.write(visit.comfort.rest(visit.door.pieces.greet(greeting)))
  if (behind.length > 0) admitted.upstream.write(behind)
  return admitted.upstream
}

function readWishes(login: Login, { door, attempt }: Visit): ClientWishes {
  const parameters = new Map(login.startup.parameters)
  const [user, database] = [parameters.get('user'), parameters.get('database')]
  Object.assign(attempt, user === undefined ? {} : { user }, database === undefined ? {} : { database })
  if (door.pieces.tls.required && door.secureContext !== null && !(login.stream instanceof TLSSocket)) throw new Refusal('tls_required')
  return door.pieces.readWishes(login.startup, { host: hostOf(login.stream), fallbacks: door.routeMap.plan.fallbacks })
}

/** Of this very handshake: a resumed one has no say, tickets are not given out. */
function hostOf(stream: Duplex): string | null {
  return stream instanceof TLSSocket && typeof stream.servername === 'string' ? stream.servername : null
}

async function askForToken({ stream, inbox }: Login, { pieces, startupTimeoutMs }: Door): Promise<string> {
  using deadline = new Deadline(startupTimeoutMs, () => new Refusal('login_timeout', { detail: 'before the password' }))
  return await pieces.askForToken(stream, inbox, deadline)
}

/** Token, role and database first; only then is the upstream reached. A client that leaves meanwhile ends it all. */
async function admit(token: string, { inbox }: Login, wishes: ClientWishes, visit: Visit): Promise<Admitted> {
  const { door, giveUp, guest } = visit
  const gone = Promise.withResolvers<never>()
  inbox.onGone = () => gone.reject(new Refusal('client_gone', { silent: true }))
  const { pieces, verify, admissionTerms, tenants, upstreamTimeoutMs } = door
  const admitted = pieces.admit({
    verify: async () => {
      const verified = await timed(door.metrics, 'token', () => verify(token))
      const judged = pieces.judgeAdmission(door.certificates.checkBinding(verified, visit.stream), wishes, admissionTerms)
      pieces.judgeReplication(judged.token, wishes, door.seal.permissionsFrom)
      const admission = await tenants.seat(judged, guest)
      door.standing.enrol(visit.live, admission.token)
      return admission
    },
    reach: (admission) =>
      timed(door.metrics, 'upstream', () =>
        reach(admission, parametersFor(admission, wishes, door), {
          pieces,
          waker: door.waker,
          timeoutMs: upstreamTimeoutMs,
          signal: giveUp.signal,
          tell: (stage) => visit.comfort.tell(visit.stream, stage),
        }),
      ),
  })
  return await Promise.race([admitted, gone.promise, visit.live.endedEarly])
}

function parametersFor(
  { token, role, route }: Admission,
  { settings, replication }: ClientWishes,
  door: Door,
): ReadonlyMap<string, string> {
  const { pieces } = door
  const seal = { ...door.seal, cluster: route.cluster, branch: route.branch }
  const identity = [...pieces.convenience(token, seal), ...pieces.signedClaims(token, role.user, seal)]
  const asked: [string, string][] = replication === null ? [] : [['replication', replication]]
  const hints = pieces.shardHint(token.claims, door.shardHint)
  return new Map([...settings, ...asked, ...hints, ...identity, ['user', role.user], ['database', route.database]])
}

function record({ door, attempt }: Visit, { admission }: Admitted): void {
  door.write('info', acceptedRecord(attempt, admission.token), 'login accepted')
  door.metrics.login('accepted', 'none')
  door.metrics.took('login', performance.now() - attempt.startedAt)
}

async function relay({ door, attempt, stream, live }: Visit, upstream: Duplex): Promise<void> {
  door.metrics.sessionStarted()
  try {
    const pumping = door.pieces.pump(stream, upstream, { lingerMs })
    live.open(stream, upstream)
    const endedBy = await pumping
    door.write('debug', { event: 'session', outcome: 'ended', by: endedBy, session: attempt.session }, 'session ended')
  } finally {
    door.metrics.sessionEnded()
  }
}

function cutRecord({ metrics, write }: Door, { session }: Attempt, why: Ending, told: boolean): void {
  metrics.sessionCut(why)
  write('info', { event: 'session', outcome: 'cut', why, told, session }, 'session ended from within')
}

async function refuse(visit: Visit, refusal: Refusal): Promise<void> {
  const { door, attempt, stream } = visit
  visit.giveUp.abort()
  door.metrics.login('refused', refusal.reason)
  visit.guest.refused(door.pieces.reasons[refusal.reason].failure === true)
  if (refusal.notes.unrecorded !== true)
    door.write(levelOf(refusal.reason, door.pieces.reasons), refusedRecord(attempt, refusal), 'login refused')
  if (refusal.notes.silent !== true) await sayFarewell(stream, refusalMessage(refusal, door.pieces.reasons))
}

function refusalOf(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause
  if (cause instanceof ProtocolViolation) return new Refusal('protocol_violation', { detail: cause.message })
  return new Refusal('internal_error', { detail: cause instanceof Error ? `${cause.name} at ${originOf(cause)}` : 'not an error' })
}

/** Where it was thrown; the message of an unforeseen error may quote anything, so it stays out of the log. */
function originOf({ stack }: Error): string {
  return stack?.match(/[\w-]+\.[jt]s:\d+/)?.[0] ?? 'an unknown place'
}
