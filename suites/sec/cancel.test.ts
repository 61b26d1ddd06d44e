/** Cancel requests: with the right key they stop a query, with any other they do nothing and learn nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import {
  answered,
  encode,
  faultOf,
  openProbe,
  openTlsProbe,
  ProbeError,
  sendCancel,
  type Answer,
  type Probe,
} from '../../fixtures/probe.ts'
import type { Address } from '../../stack/launch.ts'
import { wish, type Trial } from '../kit.ts'

const guesses = 20
const fenced = 'tenant-fenced'
const home = '127.0.37.1'

const spec = wish({
  gateway: {
    instances: 2,
    settings: {
      cancel: { perNetwork: { count: guesses, windowMs: 3_600_000 } },
      tenants: { [fenced]: { allow: ['127.0.37.0/24'] } },
      limits: { perAddress: { exempt: ['127.0.0.1', '127.0.37.0/24'] } },
    },
  },
})

const deadlineMs = 8_000
const version32 = 0x3_0002

type Means = Pick<Trial<'SEC-136'>, 'stack' | 'mint'> & { readonly direct: pg.Client; readonly scope: AsyncDisposableStack }

interface Key {
  readonly pid: number
  readonly secret: Uint8Array
}

interface Sleeper {
  readonly probe: Probe
  readonly key: Key
  readonly parameters: ReadonlyMap<string, string>
  /** Whether the server still works for it. */
  runs(): Promise<boolean>
  /** What the query came to. */
  readonly answer: Promise<Answer>
}

interface SleeperWish {
  readonly version?: number
  readonly tenant?: string
  readonly from?: string
}

let tags = 0

/** A session whose query runs for a long time; returns when the server is at it. */
async function startSleeper({ stack, mint, direct, scope }: Means, { version, tenant, from }: SleeperWish = {}): Promise<Sleeper> {
  const { door } = stack
  const probe = scope.use(await openTlsProbe(door, { ca: door.ca, servername: door.servername }, from === undefined ? {} : { from }))
  const password = await mint(tenant === undefined ? {} : { claims: { tenant_id: tenant } })
  const login = await answered(probe.logIn({ user: stack.role, database: door.database, password, ...(version && { version }) }), 'a login')
  if (!login.ok || login.key === null) throw new Error(`no session with a key: ${login.error?.message ?? login.trouble?.message}`)
  const tag = `sleeper-${process.pid}-${++tags}`
  const runs = async () => {
    const { rowCount } = await direct.query(
      `select from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()`,
      [`%${tag}%`],
    )
    return rowCount === 1
  }
  const answer = probe.query(`select pg_sleep(25) /* ${tag} */`, 60_000)
  await until(runs, 'the query to run')
  return { probe, key: login.key, parameters: login.parameters, runs, answer }
}

async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = performance.now() + deadlineMs; !(await holds()); await sleep(20))
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`)
}

/** What a request is answered: nothing, if all is well. */
async function ask(address: Address, packet: Uint8Array, from?: string): Promise<string> {
  await using probe = await openProbe(address, from === undefined ? {} : { from })
  probe.send(packet)
  return await probe.readBytes(1).then(
    (bytes) => bytes.toString('latin1'),
    (error: unknown) => (error instanceof ProbeError && (error.code === 'closed' || error.code === 'reset') ? 'nothing' : String(error)),
  )
}

const packetOf = ({ pid, secret }: Key) => encode.cancelRequest(pid, secret)

function wrongKeys({ pid, secret }: Key, random: () => number): Key[] {
  const byte = () => Math.floor(random() * 256)
  const strange = () => Buffer.from(secret.map(byte)).fill(secret[0]! ^ 1, 0, 1)
  return Array.from({ length: guesses }, (_, at) => ({ pid: at % 2 === 0 ? pid : pid ^ (256 << (at % 8)), secret: strange() }))
}

/** 57014 if it was stopped in time. */
async function endOf({ answer }: Sleeper): Promise<string> {
  const late = sleep(deadlineMs, 'still running', { ref: false })
  return await Promise.race([answer.then(faultOf), late])
}

spec('SEC-136', async ({ stack, mint, connect, random, gateway, prove }) => {
  await using scope = new AsyncDisposableStack()
  const means = { stack, mint, scope, direct: await connect({ direct: 'server' }) }
  const opened = () => stack.link('pooler-0').counters.opened
  const front: Address = stack.door
  const answers: string[] = []
  const send = async (packet: Uint8Array, from?: string, address = front) => answers.push(await ask(address, packet, from))

  const first = await startSleeper(means)
  await prove('own-key', async () => {
    await sendCancel(stack.pooler, first.key)
    expect(await first.runs(), 'the pooler knows nothing of the key that the client was given').toBe(true)
    const past = scope.use(await openProbe(stack.pooler))
    const { parameters } = await answered(past.logIn(stack.pooler), 'a login past the gateway')
    expect([...first.parameters.keys()], 'the rest of the greeting').toEqual([...parameters.keys()])
  })
  const before = opened()
  for (const wrong of wrongKeys(first.key, random)) await send(packetOf(wrong), '127.0.36.1')
  for (const length of [0, 1, 3, 5, 256, 300]) await send(packetOf({ ...first.key, secret: Buffer.alloc(length) }))
  await send(packetOf(first.key), '127.0.36.2')
  await prove('limited', async () => {
    expect(opened() - before, 'connections to the pooler').toBe(0)
    expect(await first.runs(), 'the query after so many guesses, and the right key from the same network').toBe(true)
  })
  await send(packetOf(first.key))
  await prove('works', async () => {
    expect(await endOf(first), 'asked in the clear').toMatch(/^57014/)
    const second = await startSleeper(means)
    const { door } = stack
    await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
    probe.send(packetOf(second.key))
    await probe.ended()
    expect(await endOf(second), 'asked over TLS').toMatch(/^57014/)
  })
  const known = await startSleeper(means, { tenant: fenced, from: home })
  const asked = opened()
  await send(packetOf(known.key))
  await prove('fenced', async () => {
    expect(opened() - asked, 'connections to the pooler').toBe(0)
    expect(await known.runs(), 'asked from where the tenant may not be').toBe(true)
    await send(packetOf(known.key), home)
    expect(await endOf(known), 'asked from its own network').toMatch(/^57014/)
  })
  const long = await startSleeper(means, { version: version32 })
  await send(packetOf(long.key), undefined, stack.part('gateway-1').addresses['main'])
  await prove('instances', async () => {
    expect(long.key.secret.length).toBeGreaterThan(4)
    expect(long.key.secret.length).toBeLessThanOrEqual(256)
    expect(await endOf(long), 'asked at the other gateway').toMatch(/^57014/)
  })
  if (stack.can('gateway-metrics').here) {
    await Promise.allSettled([known.answer, long.answer])
    await scope.disposeAsync()
    await until(async () => (await gateway.metrics()).get('orochi_gateway_sessions_active') === 0, 'the sessions to be over')
    const atEnd = opened()
    for (const { key } of [first, known, long]) await send(packetOf(key), home)
    await prove('dead', () => expect(opened() - atEnd, 'connections to the pooler').toBe(0))
  }
  await prove('silent', () => expect(new Set(answers)).toEqual(new Set(['nothing'])))
})
