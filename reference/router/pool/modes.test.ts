import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../config.ts'
import { ConfigError, parseConfig } from '../config-file.ts'
import { startRouter } from '../router.ts'
import { logIn } from '../testing/fake-client.ts'
import { fakePassword, startFakeServer } from '../testing/fake-server.ts'

async function bench(pool: object, own: object = {}) {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const server = stack.use(await startFakeServer())
  const config = configSchema.parse({
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 0 },
    users: [{ name: 'app', password: fakePassword, pool: own }],
    databases: [
      { name: 'orochi', shards: [{ servers: [{ role: 'primary', host: '127.0.0.1', port: server.port, database: 'orochi_0' }] }] },
    ],
    pool: { size: 2, connectTimeoutMs: 1000, waitTimeoutMs: 300, ...pool },
  })
  const router = stack.use(await startRouter(config, {}, pino({ level: 'silent' })))
  return { server, router, client: async () => stack.use(await logIn({ port: router.address.port })) }
}

const eventually = (check: () => unknown) => expect.poll(check, { timeout: 2000, interval: 5 }).toBeTruthy()

test('the least is opened ahead, opened again when lost, and kept when idle', async () => {
  const { server } = await bench({ minSize: 2, idleTimeoutMs: 60 })
  await eventually(() => server.sessions.size === 2)
  const first = [...server.sessions]
  for (const session of first) session.kill()
  await eventually(() => server.sessions.size === 2 && !first.some((session) => server.sessions.has(session)))
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(server.sessions.size).toBe(2)
})

test('in session mode a client keeps its connection until it leaves, and the next one finds it clean', async () => {
  const { client, server } = await bench({ size: 1 }, { mode: 'session' })
  const ann = await client()
  const [mine] = await ann.query('who')
  await ann.query('set work_mem to 7')
  const bob = await client()
  bob.send({ kind: 'query', text: 'who' })
  expect((await bob.answers())[0]).toMatch(/53300/)
  expect(await ann.query('who')).toEqual([mine, 'SELECT 1', 'I'])
  ann.send({ kind: 'terminate' })
  await eventually(async () => (await bob.query('who'))[0] === mine)
  expect([...server.sessions][0]?.heard.some((text) => text.includes('RESET ALL'))).toBe(true)
})

test('a router that drains does not wait for a session that rests', async () => {
  const { client, router } = await bench({ mode: 'session' })
  const ann = await client()
  await ann.query('who')
  const began = performance.now()
  await router.drain(5000)
  expect(performance.now() - began).toBeLessThan(3000)
})

test.each(['begin', 'START TRANSACTION', 'who; begin', '/* x */ prepare p as select 1'])('statement mode refuses %s', async (text) => {
  const { client, server } = await bench({ mode: 'statement' })
  const ann = await client()
  const answers = await ann.query(text)
  expect(answers[0]).toMatch(/0A000/)
  expect(answers.at(-1)).toBe('I')
  expect((await ann.query('who')).at(-1)).toBe('I')
  expect([...server.sessions].flatMap(({ heard }) => heard)).not.toContain(text)
})

test('statement mode refuses a transaction by the extended protocol, and skips to Sync', async () => {
  const { client } = await bench({ mode: 'statement' })
  const ann = await client()
  ann.send({ kind: 'parse', name: '', text: 'begin', types: [] }, { kind: 'sync' })
  expect((await ann.answers()).join()).toMatch(/0A000.*,I$/)
  expect((await ann.query('who')).at(-1)).toBe('I')
})

const text = (pool: string, servers = '') => `
listen: { host: 127.0.0.1, port: 0 }
operations: { host: 127.0.0.1, port: 0 }
users: [{ name: app, password: x }]
databases: [{ name: orochi, shards: [{ servers: [{ role: primary, host: h, port: 1, database: d }${servers}] }] }]
pool: ${pool}`

test.each([
  ['{ size: 2, minSize: 3 }', '', /pool\.minSize: 3 are more than there may be/],
  ['{ mode: session }', ', { role: replica, host: h, port: 2, database: d }', /session is for databases of one server/],
  ['{ mode: per-session }', '', /pool\.mode/],
])('a configuration with pool: %s is refused', (pool, servers, message) => {
  expect(() => parseConfig(text(pool, servers), 'r.yaml')).toThrow(ConfigError)
  expect(() => parseConfig(text(pool, servers), 'r.yaml')).toThrow(message)
})
