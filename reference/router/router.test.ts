import { connect, createServer, type AddressInfo } from 'node:net'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { FrontendMessage } from '../wire/index.ts'
import { configSchema } from './config.ts'
import type { Pieces } from './pieces.ts'
import { startRouter, type Router } from './router.ts'
import { askToCancel, logIn, type FakeClient, type LogInOptions } from './testing/fake-client.ts'
import { fakePassword, startFakeServer, type FakeServer } from './testing/fake-server.ts'

interface Bench {
  readonly server: FakeServer
  readonly router: Router
  client(options?: Partial<LogInOptions>): Promise<FakeClient>
  gauge(name: string): Promise<number>
}

const configFor = (port: number, pool: object) =>
  configSchema.parse({
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 0 },
    users: [{ name: 'app', password: fakePassword }],
    databases: [{ name: 'orochi', shards: [{ servers: [{ role: 'primary', host: '127.0.0.1', port, database: 'orochi_0' }] }] }],
    pool: { size: 2, connectTimeoutMs: 1000, waitTimeoutMs: 300, ...pool },
  })

/** A fake server and a router before it, gone when the test is. */
async function bench(pool: object = {}, pieces: Partial<Pieces> = {}): Promise<Bench> {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const server = stack.use(await startFakeServer())
  const router = stack.use(await startRouter(configFor(server.port, pool), pieces, pino({ level: 'silent' })))
  return {
    server,
    router,
    client: async (options) => stack.use(await logIn({ port: router.address.port, ...options })),
    async gauge(name) {
      const text = await (await fetch(`http://127.0.0.1:${router.operations.port}/metrics`)).text()
      return Number(new RegExp(`^orochi_router_${name} (\\S+)`, 'm').exec(text)?.[1])
    },
  }
}

const prepare = (name: string, text: string): FrontendMessage => ({ kind: 'parse', name, text, types: [] })
const bind = (statement: string): FrontendMessage => ({ kind: 'bind', portal: '', statement, formats: [], values: [], results: [] })
const execute: FrontendMessage = { kind: 'execute', portal: '', limit: 0 }
const sync: FrontendMessage = { kind: 'sync' }

async function use(each: FakeClient): Promise<string[]> {
  each.send(bind('s'), execute, sync)
  return each.answers()
}

const unit = (value: string): string[] => ['parse-complete', 'bind-complete', value, 'SELECT 1', 'I']

/** Looks until it is so; the deadline is the test's failure. */
async function eventually(check: () => unknown): Promise<void> {
  await expect.poll(check, { timeout: 2000, interval: 5 }).toBeTruthy()
}

test('a client logs in, learns what the server reports, and runs a query', async () => {
  const { client } = await bench()
  const ann = await client({ parameters: [['application_name', "it's me"]] })
  expect(ann.reports.get('server_version')).toBe('18.4')
  expect(ann.reports.get('application_name')).toBe("it's me")
  expect(await ann.query('show application_name')).toEqual(["it's me", 'SELECT 1', 'I'])
})

test('many clients share no more server connections than the pool has', async () => {
  const { client, server } = await bench({ waitTimeoutMs: 5000 })
  const clients = await Promise.all(Array.from({ length: 12 }, () => client()))
  const ids = await Promise.all(clients.map(async (each) => (await each.query('who'))[0]))
  expect(new Set(ids).size).toBeLessThanOrEqual(2)
  expect(server.sessions.size).toBeLessThanOrEqual(2)
})

test('a transaction stays on one server connection, which nobody else gets meanwhile', async () => {
  const { client } = await bench()
  const [ann, bob] = [await client(), await client()]
  expect(await ann.query('begin')).toEqual(['BEGIN', 'T'])
  const [mine] = await ann.query('who')
  expect((await bob.query('who'))[0]).not.toBe(mine)
  expect((await ann.query('who'))[0]).toBe(mine)
  await ann.query('commit')
})

test('parameters follow their client, and are gone for the next one', async () => {
  const { client } = await bench({ size: 1, waitTimeoutMs: 5000 })
  const [ann, bob] = [await client({ parameters: [['orochi.claims', 'a"\\b']] }), await client()]
  for (let i = 0; i < 3; i++) {
    expect((await ann.query('show orochi.claims'))[0]).toBe('a"\\b')
    expect((await bob.query('show orochi.claims'))[0]).toBe('')
  }
})

test('one name may stand for two statements of two clients, on whatever server connection', async () => {
  const { client } = await bench({ waitTimeoutMs: 5000 })
  const [ann, bob] = [await client(), await client()]
  for (const [each, text] of [
    [ann, 'A'],
    [bob, 'B'],
  ] as const) {
    each.send(prepare('s', text), sync)
    expect(await each.answers()).toEqual(['parse-complete', 'I'])
  }
  for (let i = 0; i < 4; i++) {
    const [a, b] = await Promise.all([use(ann), use(bob)])
    expect([a, b]).toEqual([
      ['bind-complete', 'A', 'SELECT 1', 'I'],
      ['bind-complete', 'B', 'SELECT 1', 'I'],
    ])
  }
})

test('an unnamed statement survives a change of server connection', async () => {
  const { client } = await bench({ size: 1, waitTimeoutMs: 5000 })
  const [ann, bob] = [await client(), await client()]
  ann.send(prepare('', 'A'), sync)
  await ann.answers()
  await bob.query('who')
  ann.send(bind(''), execute, sync)
  expect(await ann.answers()).toEqual(['bind-complete', 'A', 'SELECT 1', 'I'])
})

test('a statement that was closed is not there any more', async () => {
  const { client } = await bench()
  const ann = await client()
  ann.send(prepare('s', 'A'), { kind: 'close', target: 'statement', name: 's' }, sync)
  expect(await ann.answers()).toEqual(['parse-complete', 'close-complete', 'I'])
  ann.send(bind('s'), sync)
  expect(await ann.answers()).toEqual(['26000', 'I'])
})

test('pipelined units are answered each in its turn', async () => {
  const { client } = await bench()
  const ann = await client()
  ann.send(prepare('', '1'), bind(''), execute, sync, prepare('', '2'), bind(''), execute, sync, { kind: 'query', text: 'fail' }, sync)
  expect(await ann.answers(4)).toEqual([...unit('1'), ...unit('2'), '22012', 'I', 'I'])
})

test('who waits too long gets 53300, and the session goes on', async () => {
  const { client } = await bench({ size: 1 })
  const [ann, bob] = [await client(), await client()]
  await ann.query('begin')
  expect(await bob.query('who')).toEqual(['53300', 'I'])
  bob.send(prepare('', 'x'), bind(''), execute, sync)
  expect(await bob.answers()).toEqual(['53300', 'I'])
  await ann.query('commit')
  expect(await bob.query('who')).toEqual(['1', 'SELECT 1', 'I'])
})

test('who waits is served in the order of arrival, and who hangs up frees his place', async () => {
  const { client, gauge } = await bench({ size: 1, waitTimeoutMs: 5000 })
  const holder = await client()
  await holder.query('begin')
  const order: number[] = []
  const waiters = [await client(), await client(), await client()]
  const served: Promise<unknown>[] = []
  for (const [i, waiter] of waiters.entries()) {
    waiter.send({ kind: 'query', text: 'who' })
    if (i !== 1) served.push(waiter.answers().then(() => order.push(i)))
    await eventually(async () => (await gauge('waiting')) === i + 1)
  }
  waiters[1]?.[Symbol.dispose]()
  await eventually(async () => (await gauge('waiting')) === 2)
  await holder.query('commit')
  await Promise.all(served)
  expect(order).toEqual([0, 2])
})

test('a cancel request reaches the query of its client only', async () => {
  const { client, server, router } = await bench()
  const [ann, bob] = [await client(), await client()]
  const { port } = router.address
  ann.send({ kind: 'query', text: 'sleep' })
  await eventually(() => [...server.sessions].some(({ heard }) => heard.includes('sleep')))
  await askToCancel(port, ann.processId, Buffer.from([1, 2, 3, 4]))
  await askToCancel(port, bob.processId, bob.secret)
  expect(server.cancels).toEqual([])
  await askToCancel(port, ann.processId, ann.secret)
  expect(await ann.answers()).toEqual(['57014', 'I'])
  expect(server.cancels).toHaveLength(1)
  await askToCancel(port, ann.processId, ann.secret)
  expect(server.cancels).toHaveLength(1)
})

test('a client that vanishes leaves its server connection at rest', async () => {
  const { client, server, gauge } = await bench({ size: 1, waitTimeoutMs: 5000 })
  const ann = await client()
  await ann.query('begin')
  ann.send({ kind: 'query', text: 'sleep' })
  await eventually(() => [...server.sessions].some(({ heard }) => heard.includes('sleep')))
  ann[Symbol.dispose]()
  await eventually(async () => (await gauge('servers_active')) === 0)
  const [session] = server.sessions
  expect(session?.status).toBe('I')
  expect(await gauge('clients')).toBe(0)
  expect((await (await client()).query('who'))[0]).toBe(String(session?.id))
})

test('what was prepared by SQL keeps the server connection', async () => {
  const { client } = await bench({ size: 1 })
  const [ann, bob] = [await client(), await client()]
  await ann.query('PREPARE p')
  expect((await bob.query('who'))[0]).toBe('53300')
  ann[Symbol.dispose]()
  await eventually(async () => (await bob.query('who'))[0] === '1')
})

test('a server lost in a transaction ends the session with 08006; an idle one is replaced unnoticed', async () => {
  const { client, server } = await bench()
  const [ann, bob] = [await client(), await client()]
  await ann.query('begin')
  for (const session of server.sessions) session.kill()
  expect(await ann.next()).toMatchObject({ kind: 'error-response' })
  expect((await bob.query('who'))[1]).toBe('SELECT 1')
})

test('a server that owes an answer and says nothing is given up, and its client told; the place in the pool is free again', async () => {
  const { client, server, gauge } = await bench({ size: 1, answerTimeoutMs: 200 })
  const ann = await client()
  ann.send({ kind: 'query', text: 'sleep' })
  expect(await ann.next()).toMatchObject({ kind: 'error-response' })
  await eventually(() => server.sessions.size === 0)
  const bob = await client()
  expect((await bob.query('who'))[1]).toBe('SELECT 1')
  expect(await gauge('servers_active')).toBe(0)
})

test('a server that takes the connection and never answers is given up in time, and nothing is left', async () => {
  const open = new Set<unknown>()
  const mute = createServer((socket) => {
    open.add(socket)
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void mute.close())
  const config = configFor((mute.address() as AddressInfo).port, { connectTimeoutMs: 200, waitTimeoutMs: 1000 })
  await using router = await startRouter(config, {}, pino({ level: 'silent' }))
  const began = performance.now()
  const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => logIn({ port: router.address.port })))
  expect(performance.now() - began).toBeLessThan(1000)
  expect(attempts.map((one) => one.status === 'rejected' && (one.reason as Error).message.slice(0, 5))).toEqual(Array(5).fill('08006'))
  await eventually(() => open.size === 0)
})

test.each<[string, Partial<LogInOptions>, RegExp]>([
  ['a wrong password', { password: 'no' }, /^28P01/],
  ['a replication connection', { parameters: [['replication', 'database']] }, /^0A000/],
  ['an unfit parameter name', { parameters: [['a"b', 'x']] }, /^42602/],
  ['options that are not settings', { parameters: [['options', '-S 5']] }, /^0A000/],
  ['an unknown database', { parameters: [['database', 'nope']] }, /^3D000/],
  ['an unknown user', { parameters: [['user', 'nobody']] }, /^28P01/],
])('%s is refused at log-in', async (_, options, expected) => {
  const { client } = await bench()
  await expect(client(options)).rejects.toThrow(expected)
})

test('a client of protocol 3.2 gets a long cancel key', async () => {
  const { client } = await bench()
  expect((await client({ minor: 2 })).secret).toHaveLength(32)
  expect((await client()).secret).toHaveLength(4)
})

test('what follows an encryption request in the same segment is never used', async () => {
  const { router } = await bench()
  const socket = connect({ host: '127.0.0.1', port: router.address.port })
  const heard: Buffer[] = []
  socket.on('data', (chunk) => heard.push(chunk)).write(Buffer.from('0000000804d2162f0000000804d2162f', 'hex'))
  await new Promise((resolve) => socket.on('close', resolve))
  expect(Buffer.concat(heard).toString('latin1')).toMatch(/^E.*08P01/s)
})

test('a slow reader stops the flow, and gets everything in the end', async () => {
  const { client } = await bench({ waitTimeoutMs: 5000 })
  const ann = await client()
  ann.send({ kind: 'query', text: 'many 20000' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const answers = await ann.answers()
  expect(answers).toHaveLength(20_002)
  expect(answers.at(-3)).toBe('row 19999')
})

test('draining ends idle clients, lets a transaction finish, and takes nobody new', async () => {
  const { client, router } = await bench()
  const [idle, busy] = [await client(), await client()]
  await busy.query('begin')
  const drained = router.drain(5000)
  expect(await idle.next()).toMatchObject({ kind: 'error-response' })
  await expect(client()).rejects.toThrow()
  expect((await busy.query('who'))[1]).toBe('SELECT 1')
  busy.send({ kind: 'query', text: 'commit' })
  await drained
})
