import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { raise } from '../testing/raise.ts'

const path = '/api/v1/clusters/acme/pooler'

test('a patch changes what it names, for whoever has seen the latest: 428, 412, and the new tag', async () => {
  await using plane = await raise()
  await plane.create('acme')
  const before = await plane.ask('GET', path)
  expect(before.headers.get('etag')).toBe('"1"')
  expect(before.body).toMatchObject({
    max_connections: 100,
    mode: 'transaction',
    status: { pending_restart: [], instances: [{ name: 'pooler-0', ready: true }] },
  })
  expect((await plane.ask('PATCH', path, { max_connections: 50 })).status).toBe(428)
  const changed = await plane.ask('PATCH', path, { max_connections: 50 }, { 'if-match': '"1"' })
  expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
  expect(changed.body).toMatchObject({ max_connections: 50, mode: 'transaction', idle_timeout_seconds: 600 })
  const stale = await plane.ask('PATCH', path, { max_connections: 60 }, { 'if-match': '"1"' })
  expect([stale.status, stale.headers.get('etag')]).toEqual([412, '"2"'])
  expect((await plane.ask('PATCH', path, { max_connections: 60 }, { 'if-match': 'W/"2"' })).status).toBe(412)
  expect((await plane.ask('GET', path)).body).toMatchObject({ max_connections: 50 })
})

test('a change is brought to the platform and to every instance; what waits for a restart is told until there was one', async () => {
  await using plane = await raise()
  await plane.create('acme')
  const any = { 'if-match': '*' }
  await plane.ask('PATCH', path, { idle_timeout_seconds: 30 }, any)
  await expect
    .poll(async () => (await plane.ask('GET', path)).body['status'], { timeout: 10_000 })
    .toMatchObject({ generation: 2, applied_generation: 2, pending_restart: [] })
  expect(plane.platform.calls.filter((call) => /^(apply|reload)/.test(call))).toEqual(['apply acme', 'apply acme', 'reload acme'])
  const { body } = await plane.ask('PATCH', path, { enabled: false }, any)
  expect(body).toMatchObject({ enabled: false, status: { pending_restart: ['enabled'] } })
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await plane.until('acme', 'suspended')
  await plane.ask('POST', '/api/v1/clusters/acme/wake')
  await plane.until('acme', 'active')
  expect((await plane.ask('GET', path)).body).toMatchObject({ enabled: false, status: { pending_restart: [] } })
})

test.each([
  [{ mode: 'session', read_write_split: true }, 'pooler.read_write_split'],
  [{ mode: 'session', sharding_enabled: true }, 'pooler.sharding_enabled'],
  [{ default_shard_count: 4 }, 'pooler.default_shard_count'],
  [{ max_connections: 0 }, 'max_connections'],
  [{ max_conections: 5 }, ''],
  [{}, ''],
])('what PgDog cannot do is refused, and nothing changes: %j', async (patch, where) => {
  await using plane = await raise()
  await plane.create('acme')
  const { status, body } = await plane.ask('PATCH', path, patch, { 'if-match': '*' })
  expect(status).toBe(422)
  expect((body['errors'] as object[])[0]).toEqual({ path: where, message: expect.any(String) })
  expect((await plane.ask('GET', path)).headers.get('etag')).toBe('"1"')
})

test('branches come and go under the same conditions; two cannot share a database', async () => {
  await using plane = await raise()
  await plane.create('acme')
  const branch = (name: string) => `/api/v1/clusters/acme/branches/${name}`
  expect((await plane.ask('PUT', branch('feature-1'), { database: 'orochi_f1' })).status).toBe(428)
  expect((await plane.ask('PUT', branch('feature-1'), { database: 'orochi_f1' }, { 'if-match': '"1"' })).body).toEqual({
    branches: [
      { name: 'main', database: 'orochi' },
      { name: 'feature-1', database: 'orochi_f1' },
    ],
  })
  expect((await plane.ask('PUT', branch('b2'), { database: 'orochi_f1' }, { 'if-match': '*' })).status).toBe(422)
  expect((await plane.ask('PUT', branch('Bad.Name'), { database: 'x' }, { 'if-match': '*' })).status).toBe(404)
  expect((await plane.ask('DELETE', branch('feature-1'), undefined, { 'if-match': '*' })).body).toMatchObject({
    branches: [{ name: 'main' }],
  })
  expect((await plane.ask('DELETE', branch('feature-1'), undefined, { 'if-match': '*' })).status).toBe(404)
})

test('numbers are those of all instances; a pooler that does not answer is 503, one that sleeps, too', async () => {
  await using plane = await raise()
  await plane.create('acme', {
    pooler: { sharding_enabled: true, default_shard_count: 2 },
    deployment: { sharded_tables: [{ name: 'orders', column: 'tenant_id', data_type: 'text' }] },
  })
  expect((await plane.ask('GET', `${path}/stats`)).status).toBe(503)
  const text = [
    'sv_active{shard="0"} 2',
    'sv_idle{shard="1"} 3',
    'total_query_count{shard="0"} 30',
    'total_query_count{shard="1"} 10',
    'total_query_time{shard="0"} 80',
  ].join('\n')
  const server = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const metrics = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  const instance = (name: string, url: string) => ({ part: 'pooler' as const, name, metrics: url, admin: null })
  plane.platform.endpointsOf = [instance('p0', metrics), instance('p1', metrics), instance('p2', 'http://127.0.0.1:1/metrics')]
  const { status, body } = await plane.ask('GET', `${path}/stats`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    active_connections: 4,
    idle_connections: 6,
    total_queries: 80,
    average_latency_ms: 2,
    p99_latency_ms: null,
    shard_distribution: { 0: 60, 1: 20 },
  })
  expect(body['instances']).toMatchObject([{ answered: true }, { answered: true }, { name: 'p2', answered: false }])
  expect((await plane.ask('GET', `${path}/shards`)).body).toMatchObject({
    shard_count: 2,
    total_queries: 80,
    shards: [{ share: 0.75 }, { share: 0.25 }],
    skew: 1.5,
  })
  server.close()
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await plane.until('acme', 'suspended')
  expect((await plane.ask('GET', `${path}/stats`)).body).toMatchObject({ type: 'urn:orochi:problem:pooler-unreachable' })
  expect((await plane.ask('POST', `${path}/reload`)).status).toBe(503)
})

test('a cluster that is not used is put to sleep by its policy, and not before', async () => {
  await using plane = await raise()
  let queries = 1
  const server = createServer((_request, response) => response.end(`sv_active 0\ntotal_query_count ${queries++}`)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const metrics = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  plane.platform.endpointsOf = [{ part: 'pooler', name: 'p0', metrics, admin: null }]
  await plane.create('acme', { sleep: { idle_after_seconds: 1, standby: 'warm' } })
  const started = Date.now()
  while (Date.now() - started < 2000) {
    expect((await plane.ask('GET', '/api/v1/clusters/acme/status')).body['state']).toBe('active')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  server.removeAllListeners('request').on('request', (_request, response) => response.end('sv_active 0\ntotal_query_count 5'))
  await plane.until('acme', 'suspended')
  expect(plane.platform.calls).toContain('suspend acme warm')
  server.close()
})
