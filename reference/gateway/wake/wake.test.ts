import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { encodeBackend } from '../../wire/index.ts'
import { configSchema } from '../config.ts'
import { startControlPlane, type Script, type ScriptedControlPlane } from '../testing/control-plane.ts'
import { logInVisitor, startFakeUpstream, usualGreeting, type FakeUpstream } from '../testing/fake-upstream.ts'
import { makeToken, otherKey } from '../testing/issuer.ts'
import { raiseStage, type Client, type Stage } from '../testing/stage.ts'
import { unsafeWake } from './config.ts'

interface Sleepy extends AsyncDisposable {
  readonly stage: Stage
  readonly plane: ScriptedControlPlane
  /** The pooler comes up. */
  wakeUp(): Promise<FakeUpstream>
  /** Questions for the state are answered by this from now on. */
  say(status: string, ready?: boolean): void
}

interface Wish {
  readonly wake?: object
  readonly script?: (usual: Script) => Script
  readonly change?: Parameters<typeof raiseStage>[0] extends infer W ? NonNullable<W> : never
}

/** A port where nobody listens, for now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function sleepy({ wake = {}, script = (usual) => usual }: Wish = {}): Promise<Sleepy> {
  const port = await freePort()
  let state = { status: 'suspended', ready: false }
  const usual: Script = (_method, _cluster, what) => {
    if (what === 'wake') state = { status: 'waking', ready: false }
    return { code: what === 'wake' ? 202 : 200, ...state }
  }
  const plane = await startControlPlane(script(usual))
  const stage = await raiseStage({
    change: (config) => {
      const upstream = { host: '127.0.0.1', port, database: 'orochi_0' }
      const tokenFile = `${config.tls?.key ?? ''}.token`
      writeFileSync(tokenFile, 'secret\n')
      return configSchema.parse({
        ...config,
        upstream,
        wake: { controlPlane: plane.base, tokenFile, pollMs: 20, noticeMs: 0, deadlineMs: 5000, ...wake },
      })
    },
  })
  const poolers: FakeUpstream[] = []
  return {
    stage,
    plane,
    say: (status, ready = false) => (state = { status, ready }),
    async wakeUp() {
      const pooler = await startFakeUpstream(undefined, undefined, port)
      poolers.push(pooler)
      state = { status: 'running', ready: true }
      return pooler
    },
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await plane[Symbol.asyncDispose]()
      for (const pooler of poolers) await pooler[Symbol.asyncDispose]()
    },
  }
}

const inside = async (client: Client) => (await client.until('ready-for-query')).at(-1)?.kind === 'ready-for-query'
const metric = async ({ gateway }: Stage, name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${gateway.operationsPort}/metrics`)).text()
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (.*)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

test('many who find their cluster asleep are let in after one wake call', async () => {
  await using system = await sleepy()
  const { stage, plane } = system
  const clients = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => stage.logIn(await makeToken({ claims: { tenant_id: `t${i % 4}` } }))),
  )
  await expect.poll(() => plane.count('POST local wake')).toBe(1)
  await expect.poll(() => metric(stage, 'orochi_gateway_wake_waiting')).toBe(20)
  await system.wakeUp()
  expect(await Promise.all(clients.map(inside))).toEqual(clients.map(() => true))
  expect(plane.count('POST local wake')).toBe(1)
  expect(plane.asked[0]).toBe('GET local state')
  expect(new Set(plane.tokens)).toEqual(new Set(['Bearer secret']))
  expect(await metric(stage, 'orochi_pgdog_wake_events_total')).toBe(1)
  expect(await metric(stage, 'gateway_wake_duration_seconds_count')).toBe(1)
  expect(await metric(stage, 'orochi_gateway_wake_waiting')).toBe(0)
})

test('nobody wakes anything without a good token, and nothing is asked where the pooler is there', async () => {
  await using system = await sleepy()
  const { stage, plane } = system
  const bad = [
    'garbage',
    await makeToken({ signedBy: otherKey }),
    await makeToken({ claims: { exp: 1 } }),
    await makeToken({ claims: { role: 'x' } }),
  ]
  for (const token of bad) expect(await (await stage.logIn(token)).refusal()).toBe('28000')
  expect(await (await stage.logIn(await makeToken({ claims: { cluster_id: 'another' } }))).refusal()).toBe('28000')
  await system.wakeUp()
  expect(await inside(await stage.logIn(await makeToken()))).toBe(true)
  expect(plane.asked).toEqual([])
})

test('a waiting client is told so now and then, and what it hears is a greeting all the same', async () => {
  await using system = await sleepy({ wake: { noticeMs: 30 } })
  const client = await system.stage.logIn(await makeToken())
  const first = await client.until('notice-response')
  expect(first.map(({ kind }) => kind)).toEqual(['authentication-ok', 'notice-response'])
  const [, second] = [first, await client.until('notice-response')]
  const [told] = second
  expect(told?.kind === 'notice-response' && [told.fields.get('S'), told.fields.get('M')]).toEqual([
    'NOTICE',
    'the database is starting up: please wait',
  ])
  await system.wakeUp()
  const rest = (await client.until('ready-for-query')).filter((message) => message.kind !== 'notice-response')
  expect(rest.map(({ kind }) => kind)).toEqual(usualGreeting.map(({ kind }) => kind).filter((kind) => kind !== 'notice-response'))
  expect(encodeBackend({ kind: 'authentication-ok' })).toHaveLength(9)
})

test('a client that leaves frees its place, and the last one ends the asking', async () => {
  await using system = await sleepy()
  const client = await system.stage.logIn(await makeToken())
  await expect.poll(() => metric(system.stage, 'orochi_gateway_wake_waiting')).toBe(1)
  client.stream.destroy()
  await expect.poll(() => metric(system.stage, 'orochi_gateway_wake_waiting')).toBe(0)
  await expect.poll(() => system.stage.logins()).toMatchObject([{ reason: 'client_gone' }])
  const next = await system.stage.logIn(await makeToken())
  await expect.poll(() => metric(system.stage, 'orochi_gateway_wake_waiting')).toBe(1)
  next.stream.destroy()
  await expect.poll(() => metric(system.stage, 'orochi_gateway_wake_waiting')).toBe(0)
  const asked = system.plane.asked.length
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(system.plane.asked.length).toBeLessThanOrEqual(asked + 1)
})

test('waiting ends at the deadline, and with a word', async () => {
  await using system = await sleepy({ wake: { deadlineMs: 1000 } })
  const client = await system.stage.logIn(await makeToken())
  expect(await client.refusal()).toBe('57P03')
  expect(system.stage.logins()).toMatchObject([{ reason: 'upstream_wake_timeout' }])
  expect(await metric(system.stage, 'orochi_gateway_wake_waiting')).toBe(0)
})

test('who finds no place to wait is told so at once', async () => {
  await using system = await sleepy({ wake: { queue: { total: 2, perTenant: 1 } } })
  const { stage } = system
  const of = async (tenant: string) => stage.logIn(await makeToken({ claims: { tenant_id: tenant } }))
  const waiting = [await of('a'), await of('b')]
  await expect.poll(() => metric(stage, 'orochi_gateway_wake_waiting')).toBe(2)
  expect(await (await of('a')).refusal()).toBe('53300')
  expect(await (await of('c')).refusal()).toBe('53300')
  await system.wakeUp()
  expect(await Promise.all(waiting.map(inside))).toEqual([true, true])
})

test.each<[string, (usual: Script) => Script, number]>([
  ['that fails', () => () => ({ code: 500 }), 5],
  ['that knows no such cluster', () => () => ({ code: 404 }), 1],
  ['whose wake call fails', (usual) => (method, cluster, what) => (what === 'wake' ? { code: 500 } : usual(method, cluster, what)), 6],
])('a control plane %s is asked only so often', async (_what, script, questions) => {
  await using system = await sleepy({ script })
  expect(await (await system.stage.logIn(await makeToken())).refusal()).toBe('57P03')
  expect(await (await system.stage.logIn(await makeToken())).refusal()).toBe('57P03')
  expect(system.plane.asked).toHaveLength(questions)
  expect(system.stage.logins()).toMatchObject([{ reason: 'upstream_wake_failed' }, { reason: 'upstream_wake_failed' }])
})

test('a control plane that lies about readiness: so many tries, then the truth', async () => {
  await using system = await sleepy()
  system.say('running', true)
  const client = await system.stage.logIn(await makeToken())
  expect(await client.refusal()).toBe('57P03')
  expect(system.stage.logins()).toMatchObject([{ reason: 'upstream_wake_failed' }])
  expect(system.plane.count('POST local wake')).toBe(0)
})

test('what waking cannot mend is not retried', async () => {
  await using plane = await startControlPlane(() => ({ code: 200, status: 'running', ready: true }))
  const serve: Parameters<typeof startFakeUpstream>[0] = async (visitor) => {
    await logInVisitor(visitor)
    visitor.send({ kind: 'error-response', fields: new Map([['S', 'FATAL'], ['C', '3D000'], ['M', 'x']]) }) // prettier-ignore
  }
  await using stage = await raiseStage({ serve, change: (config) => configSchema.parse({ ...config, wake: { controlPlane: plane.base } }) })
  expect(await (await stage.logIn(await makeToken())).refusal()).toBe('08001')
  expect([plane.asked, stage.upstream.opened()]).toEqual([[], 1])
})

test('a cluster that suspends just now is woken when it has', async () => {
  await using system = await sleepy()
  system.say('suspending')
  const client = await system.stage.logIn(await makeToken())
  await expect.poll(() => system.plane.count('GET local state')).toBeGreaterThan(2)
  expect(system.plane.count('POST local wake')).toBe(0)
  system.say('suspended')
  await expect.poll(() => system.plane.count('POST local wake')).toBe(1)
  await system.wakeUp()
  expect(await inside(client)).toBe(true)
})

test('a token that expires while its client waits lets nobody in', async () => {
  const exp = Math.floor(Date.now() / 1000) - 29
  await using system = await sleepy({ wake: { deadlineMs: 20_000 } })
  const client = await system.stage.logIn(await makeToken({ claims: { exp } }))
  expect(await client.refusal()).not.toBe('silence')
  await system.wakeUp()
  expect(system.stage.logins()).toMatchObject([{ outcome: 'refused' }])
})

test.each([
  ['http://10.0.0.1/', 'use https'],
  ['https://user@plane.test/', 'plain base'],
  ['https://plane.test/?x=1', 'plain base'],
])('%s is refused', (controlPlane, message) => {
  const [objection] = unsafeWake({ wake: configSchema.shape.wake.parse({ controlPlane }) })
  expect(objection?.message).toContain(message)
})

test('the example of the README is taken', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const { wake } = parse(/```yaml wake\n([\s\S]*?)```/.exec(readme)?.[1] ?? '') as { wake: object }
  expect(configSchema.shape.wake.parse(wake)).toEqual(wake)
})

test.each(['http://127.0.0.1:1', 'http://[::1]:1/base', 'https://plane.test'])('%s is taken', (controlPlane) => {
  expect(unsafeWake({ wake: configSchema.shape.wake.parse({ controlPlane }) })).toEqual([])
})
