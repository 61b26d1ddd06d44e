import { expect, test } from 'vitest'
import { call, settings, stats } from './testing/call.ts'
import { startScripted } from './testing/scripted-server.ts'

const row = (id: string, state: string, is_ready: boolean) => ({ id, status: { cluster_id: id, state, is_ready, message: '' } })
const [acme, zeta] = [row('acme', 'active', true), row('zeta\u001b[2J', 'suspended', false)]
const clusters = { clusters: [acme, zeta], next: null }
const status = (state: string, is_ready = false) => ({ body: { cluster_id: 'acme', state, is_ready, message: '' } })

test('list is a table for people and one document for programs', async () => {
  await using server = await startScripted({ 'GET /api/v1/clusters': { body: clusters } })
  const people = await call(server.url, ['cluster', 'list'])
  expect(people).toMatchObject({ code: 0, err: '' })
  expect(people.out.split('\n')[0]).toMatch(/^CLUSTER +STATE +READY +MESSAGE$/)
  expect(people.out).toMatch(/^acme +active +yes/m)
  expect(people.out).not.toContain('\u001b')
  expect(people.out).toContain('zeta\\u{1b}[2J')
  const program = await call(server.url, ['cluster', 'list', '--json'])
  expect(JSON.parse(program.out)).toEqual({ clusters: [acme, zeta] })
  expect(server.asked[0]?.headers.authorization).toBe('Bearer good.token.here')
})

test('page after page is read', async () => {
  await using server = await startScripted({
    'GET /api/v1/clusters': { body: { clusters: [acme], next: 'acme' } },
    'GET /api/v1/clusters?after=acme': { body: { clusters: [zeta], next: 'zeta' } },
    'GET /api/v1/clusters?after=zeta': { body: { clusters: [], next: 'zeta' } },
  })
  expect(JSON.parse((await call(server.url, ['cluster', 'list', '--json'])).out)).toEqual({ clusters: [acme, zeta] })
})

test('colour is for terminals that want it', async () => {
  await using server = await startScripted({ 'GET /api/v1/clusters': { body: clusters } })
  const list = async (options: object) => (await call(server.url, ['cluster', 'list'], options)).out
  expect(await list({ tty: true })).toContain('\u001b[1m')
  expect(await list({ tty: true, env: { NO_COLOR: '1' } })).not.toContain('\u001b')
  expect(await list({ tty: true, env: { TERM: 'dumb' } })).not.toContain('\u001b')
  expect(await list({ tty: false })).not.toContain('\u001b')
})

test('status shows the settings and hands on what else was told', async () => {
  const body = {
    ...settings,
    status: { state: 'active', pending_restart: ['mode'], instances: [{ name: 'pooler-0', ready: true, generation: 3 }] },
  }
  await using server = await startScripted({ 'GET /api/v1/clusters/acme/pooler': { body, headers: { etag: '"7"' } } })
  const people = await call(server.url, ['cluster', 'pooler', 'status', 'acme'])
  expect(people.out).toMatch(/^max_connections +100$/m)
  expect(people.out).toMatch(/^read_write_split +on$/m)
  expect(people.out).toMatch(/^pending_restart +mode$/m)
  expect(people.out).toMatch(/^instance pooler-0 +ready, generation 3$/m)
  expect(people.out).toMatch(/^etag +"7"$/m)
  const program = await call(server.url, ['--json', 'cluster', 'pooler', 'status', 'acme'])
  expect(JSON.parse(program.out)).toEqual({ cluster_id: 'acme', etag: '"7"', ...body })
})

test('an id is one part of a path, whatever is in it', async () => {
  await using server = await startScripted({})
  expect((await call(server.url, ['cluster', 'pooler', 'status', '../x?y#z'])).code).toBe(3)
  expect(server.asked[0]?.path).toBe('/api/v1/clusters/..%2Fx%3Fy%23z/pooler')
})

test('stats show numbers and how they lie over the shards', async () => {
  await using server = await startScripted({ 'GET /api/v1/clusters/acme/pooler/stats': { body: stats } })
  const people = await call(server.url, ['cluster', 'pooler', 'stats', 'acme'])
  expect(people.out).toMatch(/^queries_per_second +41\.25$/m)
  expect(people.out).toMatch(/^p99_latency_ms +-$/m)
  expect(people.out).toMatch(/^0 +300 +75\.0 %$/m)
  const program = await call(server.url, ['cluster', 'pooler', 'stats', 'acme', '--json'])
  expect(JSON.parse(program.out)).toEqual({ cluster_id: 'acme', ...stats })
})

test('reload tells of every instance, and fails when one did', async () => {
  const one = (instance: string, reloaded: boolean) => ({ instance, reloaded, message: reloaded ? '' : 'does not answer' })
  const bodies = [[one('p-0', true)], [one('p-0', true), one('p-1', false)]].map((instances) => ({ instances, pending_restart: ['mode'] }))
  await using server = await startScripted({ 'POST /api/v1/clusters/acme/pooler/reload': bodies.map((body) => ({ status: 202, body })) })
  const good = await call(server.url, ['cluster', 'pooler', 'reload', 'acme'])
  expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/^p-0 +on$/m) as string })
  expect(good.err).toContain('when the pooler starts anew: mode')
  const bad = await call(server.url, ['cluster', 'pooler', 'reload', 'acme', '--json'])
  expect(JSON.parse(bad.out)).toEqual({ cluster_id: 'acme', ...bodies[1] })
  expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('1 of 2 instances did not reload') as string })
})

test('wake follows the Location once, and waits when asked to', async () => {
  await using server = await startScripted({
    'POST /api/v1/clusters/acme/wake': { status: 202, headers: { location: '/api/v1/clusters/acme/status' } },
    'GET /api/v1/clusters/acme/status': [status('waking'), status('waking'), status('active', true)],
  })
  const once = await call(server.url, ['cluster', 'wake', 'acme'])
  expect(once).toEqual({ code: 0, out: 'acme is waking\n', err: 'it is on its way; --wait returns when it is ready\n' })
  const waited = await call(server.url, ['cluster', 'wake', 'acme', '--wait'])
  expect(waited).toEqual({ code: 0, out: 'acme is active and ready\n', err: '' })
})

test('a wait that is too long is told apart from a failure', async () => {
  await using server = await startScripted({
    'POST /api/v1/clusters/acme/suspend': { status: 202 },
    'GET /api/v1/clusters/acme/status': status('suspending'),
  })
  const { code, err } = await call(server.url, ['cluster', 'suspend', 'acme', '--wait', '--wait-timeout', '0.3'])
  expect(code).toBe(7)
  expect(err).toContain('acme is still suspending after 0.3 s')
})

test('a Location of another host is not followed with the token', async () => {
  await using other = await startScripted({ 'GET /api/v1/clusters/acme/status': status('active', true) })
  await using server = await startScripted({
    'POST /api/v1/clusters/acme/wake': { status: 202, headers: { location: `${other.url}/api/v1/clusters/acme/status` } },
    'GET /api/v1/clusters/acme/status': status('active', true),
  })
  expect((await call(server.url, ['cluster', 'wake', 'acme'])).code).toBe(0)
  expect(other.asked).toEqual([])
})

test('a control plane below a path of its own', async () => {
  await using server = await startScripted({
    'POST /orochi/api/v1/clusters/acme/wake': { status: 202, headers: { location: '/orochi/api/v1/clusters/acme/status' } },
    'GET /orochi/api/v1/clusters/acme/status': status('active', true),
  })
  expect((await call(`${server.url}/orochi/`, ['cluster', 'wake', 'acme'])).code).toBe(0)
})

test.each([
  [['cluster', 'lst'], 'Did you mean list?'],
  [['cluster', 'pooler', 'status'], "missing required argument 'cluster-id'"],
  [['cluster', 'pooler', 'configure', 'a', '--max-connections', '0'], 'A whole number above 0'],
  [['cluster', 'pooler', 'configure', 'a', '--mode', 'statement'], 'Allowed choices'],
  [['cluster', 'pooler', 'configure', 'a'], 'nothing to configure'],
  [['cluster', 'list', '--nope'], 'unknown option'],
])('%j is a wrong usage', async (words, text) => {
  const { code, err, out } = await call('http://127.0.0.1:1', words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(text)
})

test('help names the exit codes at every level and is no failure', async () => {
  for (const words of [['--help'], ['cluster', 'pooler', 'configure', '--help']]) {
    const { code, out } = await call('', words)
    expect(code).toBe(0)
    expect(out).toContain('6    conflict')
    expect(out).toContain('--token-file')
  }
})
