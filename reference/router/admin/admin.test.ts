import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema, type RouterConfig } from '../config.ts'
import { startRouter, type Router } from '../router.ts'
import { logIn, type FakeClient } from '../testing/fake-client.ts'
import { fakePassword, startFakeServer } from '../testing/fake-server.ts'

interface Scene {
  readonly router: Router
  /** What the file holds when it is read again. */
  file: RouterConfig
  operator(password?: string): Promise<FakeClient>
  client(): Promise<FakeClient>
}

async function open(): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const { port } = stack.use(await startFakeServer())
  const config = configSchema.parse({
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 0 },
    users: [{ name: 'app', password: fakePassword }],
    databases: [{ name: 'orochi', shards: [{ servers: [{ role: 'primary', host: '127.0.0.1', port, database: 'orochi_0' }] }] }],
    admin: { password: 'operators only' },
  })
  const scene = { file: config }
  const router = stack.use(await startRouter(config, {}, pino({ level: 'silent' }), () => scene.file))
  const as = (user: string, database: string, password: string) =>
    logIn({
      port: router.address.port,
      password,
      parameters: [
        ['user', user],
        ['database', database],
      ],
    })
  return Object.assign(scene, {
    router,
    operator: async (password = 'operators only') => stack.use(await as('admin', 'admin', password)),
    client: async () => stack.use(await as('app', 'orochi', fakePassword)),
  })
}

test('an operator sees pools, shards, tables, clients and transactions', async () => {
  const scene = await open()
  await (await scene.client()).query('who')
  const operator = await scene.operator()
  expect(await operator.query('SHOW POOLS')).toEqual([
    'row-description',
    expect.stringMatching(/^127\.0\.0\.1:\d+\/orochi_0,app,/),
    'SHOW',
    'I',
  ])
  expect((await operator.query('show shards;'))[1]).toMatch(/^orochi,0,primary,127\.0\.0\.1:\d+\/orochi_0,null,null$/)
  expect(await operator.query('SHOW CLIENTS')).toEqual(['row-description', 'app,orochi', 'admin,admin', 'SHOW', 'I'])
  for (const what of ['TABLES', 'TRANSACTIONS', 'VERSION', 'HELP']) expect((await operator.query(`SHOW ${what}`)).at(-2)).toBe('SHOW')
})

test('only the operator gets in, with his own password, and only simple queries are taken', async () => {
  const scene = await open()
  await expect(scene.operator(fakePassword)).rejects.toThrow(/^28P01/)
  const operator = await scene.operator()
  expect(await operator.query('drop table x')).toEqual(['42601', 'I'])
  operator.send(
    { kind: 'parse', name: '', text: 'SHOW POOLS', types: [] },
    { kind: 'describe', target: 'statement', name: '' },
    { kind: 'sync' },
  )
  expect(await operator.answers()).toEqual(['0A000', 'I'])
})

test('RELOAD takes over databases; a configuration that is not valid changes nothing', async () => {
  const scene = await open()
  const operator = await scene.operator()
  await expect(logIn({ port: scene.router.address.port, parameters: [['database', 'second']] })).rejects.toThrow(/^3D000/)
  const [first] = scene.file.databases
  scene.file = { ...scene.file, databases: [first!, { ...first!, name: 'second' }], pool: { ...scene.file.pool, size: 9 } }
  expect(await operator.query('RELOAD')).toEqual(['notice-response', 'RELOAD', 'I'])
  using second = await logIn({ port: scene.router.address.port, parameters: [['database', 'second']] })
  expect((await second.query('who'))[1]).toBe('SELECT 1')
  Object.defineProperty(scene, 'file', {
    get() {
      throw new Error('r.yaml:3: unknown key')
    },
  })
  expect(await operator.query('RELOAD')).toEqual(['22023', 'I'])
  expect((await second.query('who'))[1]).toBe('SELECT 1')
})
