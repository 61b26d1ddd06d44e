/** A server that accepts connections and never answers: its clients hear of it in time, and nothing is lost to it. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered, openTlsProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'

const poolSize = 2
const connectTimeoutMs = 5_000
const spec = wish({ pooler: { poolSize, connectTimeoutMs, waitTimeoutMs: connectTimeoutMs } })

type Ways = Pick<Trial<'CONN-006'>, 'stack' | 'mint' | 'connect'>

/** How a client's wait ended. */
interface Wait {
  readonly who: string
  readonly ms: number
  readonly sqlstate: string
  readonly severity: string
  readonly message: string
}

/** Errors by which a server or pooler says that it cannot serve now: connection, resources, intervention, system. */
const cannotServe = /^(08|53|57|58)/

/** So long a client waits at most: well past the promise, well within the entry's time. */
const patienceMs = 2 * connectTimeoutMs

/** A client that still waits then is cut off, so that it is gone when the sockets are counted. */
async function waitByPg({ connect, mint }: Ways): Promise<Wait> {
  const token = await mint()
  const start = performance.now()
  let client: pg.Client | undefined
  const asked = connect({ token }).then(async (connected) => {
    client = connected
    await connected.query('select 1')
    await connected.end()
  })
  const error = await answered(asked, 'pg', patienceMs).then(
    () => undefined,
    ({ cause, message }: Error) => (cause ?? { message }) as Partial<pg.DatabaseError>,
  )
  if (error !== undefined) (client as unknown as { connection: { stream: Socket } } | undefined)?.connection.stream.destroy()
  return {
    who: 'pg',
    ms: performance.now() - start,
    sqlstate: error?.code ?? '',
    severity: error?.severity ?? '',
    message: error?.message ?? 'no error, an answer',
  }
}

async function waitByProbe({ stack, mint }: Ways): Promise<Wait> {
  const { door } = stack
  const token = await mint()
  const start = performance.now()
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername }, { deadlineMs: patienceMs })
  const login = await probe.logIn({ user: 'tenant_user', database: door.database, password: token })
  const answer = login.ok ? await probe.query('select 1') : undefined
  const ms = performance.now() - start
  const error = login.error ?? answer?.errors[0]
  const trouble = login.trouble ?? answer?.trouble
  return {
    who: 'probe',
    ms,
    sqlstate: error?.sqlstate ?? '',
    severity: error?.severity ?? '',
    message: error?.message ?? trouble?.message ?? 'no error, an answer',
  }
}

/** What may leak: descriptors beyond the server connections that a pool keeps, and sessions from gateway to pooler. */
interface Sockets {
  readonly pooler: number
  readonly gateway: number
  readonly sessions: number
}

async function socketsOf(stack: Stack): Promise<Sockets> {
  const figures = async (name: string) => (await stack.part(name).figures?.())?.descriptors ?? 0
  const [pooler, gateway] = [await figures('pooler-0'), await figures('gateway-0')]
  return { pooler: pooler - stack.link('postgres-0').open, gateway, sessions: stack.link('pooler-0').open }
}

const grown = (before: Sockets, after: Sockets): Sockets => ({
  pooler: Math.max(0, after.pooler - before.pooler),
  gateway: Math.max(0, after.gateway - before.gateway),
  sessions: after.sessions,
})

/** Looks again until it holds or the time is over, and gives the last look. */
async function settled<T>(look: () => Promise<T>, holds: (seen: T) => boolean, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (holds(seen) || performance.now() > deadline) return seen
    await sleep(100)
  }
}

spec('CONN-006', async (trial) => {
  const { stack, connect, mint, prove, measure, attach } = trial
  const server = stack.link('postgres-0')
  // One login before, so that what is loaded once is not taken for a leak.
  await waitByPg(trial)
  await settled(
    () => socketsOf(stack),
    ({ sessions }) => sessions === 0,
    2_000,
  )
  const before = await socketsOf(stack)
  const waits = await meetBlackhole(trial)
  attach('waits.json', JSON.stringify(waits, null, 2))
  for (const { who, ms } of waits) measure(`wait_${who}`, ms, 'ms')

  await prove('error', () => {
    for (const { who, severity, sqlstate, message } of waits) {
      expect(severity, `${who}: ${message}`).toMatch(/^(ERROR|FATAL)$/)
      expect(sqlstate, `${who}: ${message}`).toMatch(cannotServe)
    }
  })
  await prove('in-time', () => {
    for (const { who, ms, message } of waits) expect(ms, `${who}: ms until "${message}"`).toBeLessThanOrEqual(connectTimeoutMs + 1_000)
  })
  await prove('no-slot-leak', async () => {
    const clients = []
    for (let index = 0; index < poolSize; index++) {
      const client = await answered(connect({ token: await mint() }), `client ${index} once the server answers again`, patienceMs)
      await answered(client.query('begin'), 'begin')
      const { rows } = await answered(client.query('select pg_backend_pid() as pid'), `slot ${index}`, patienceMs)
      clients.push({ client, pid: (rows[0] as { pid: number }).pid })
    }
    expect(new Set(clients.map(({ pid }) => pid)).size, 'server connections in use at the same time').toBe(poolSize)
    for (const { client } of clients) await answered(client.query('rollback'), 'rollback')
    await Promise.all(clients.map(({ client }) => client.end()))
  })
  await prove('no-socket-leak', async () => {
    const after = await settled(
      () => socketsOf(stack),
      (seen) => Object.values(grown(before, seen)).every((more) => more === 0),
      10_000,
    )
    expect(grown(before, after), 'descriptors more than before').toEqual({ pooler: 0, gateway: 0, sessions: 0 })
    expect(server.open, 'connections from pooler to server').toBeLessThanOrEqual(poolSize)
  })
})

/** As many clients as the pool has slots wait at the same time for a server that never answers; the pooler has no older connection to give them. */
async function meetBlackhole(trial: Ways): Promise<readonly Wait[]> {
  const server = trial.stack.link('postgres-0')
  await using scope = new AsyncDisposableStack()
  scope.use(server.blackhole())
  await server.reset()
  await settled(
    () => Promise.resolve(server.open),
    (open) => open === 0,
    1_000,
  )
  const opened = server.counters.opened
  const waits = await Promise.all([waitByPg(trial), waitByProbe(trial)])
  if (server.counters.opened === opened)
    throw new Error('the pooler did not try to connect while the server was silent, so the promise was not put to the test')
  return waits
}
