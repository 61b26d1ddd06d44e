import { expect, test } from 'vitest'
import { call, settings } from './testing/call.ts'
import { startScripted } from './testing/scripted-server.ts'

const path = '/api/v1/clusters/acme/pooler'
const words = (...more: readonly string[]) => ['cluster', 'pooler', 'configure', 'acme', ...more]
const now = { body: settings, headers: { etag: '"7"' } }

test('only what was named is sent, under the ETag that was seen', async () => {
  const after = { body: { ...settings, max_connections: 80, status: { pending_restart: ['max_connections'] } }, headers: { etag: '"8"' } }
  await using server = await startScripted({ [`GET ${path}`]: now, [`PATCH ${path}`]: after })
  const { code, out, err } = await call(server.url, words('--max-connections', '80'))
  expect(code).toBe(0)
  expect(server.asked.at(-1)).toMatchObject({ method: 'PATCH', body: { max_connections: 80 }, headers: { 'if-match': '"7"' } })
  expect(out).toMatch(/^max_connections +100 +80$/m)
  expect(out).toContain('acme: changed')
  expect(err).toContain('when the pooler starts anew: max_connections')
  const program = await call(server.url, words('--max-connections', '80', '--json'))
  expect(JSON.parse(program.out)).toEqual({
    cluster_id: 'acme',
    applied: true,
    changes: [{ key: 'max_connections', from: 100, to: 80 }],
    pending_restart: ['max_connections'],
    etag: '"8"',
  })
})

test('every flag has its setting', async () => {
  await using server = await startScripted({ [`GET ${path}`]: now, [`PATCH ${path}`]: now })
  const flags = ['--enabled', 'off', '--mode', 'session', '--idle-timeout-seconds', '5', '--read-write-split', 'off']
  await call(server.url, words(...flags, '--sharding', 'on', '--default-shard-count', '4', '--max-connections', '9'))
  expect(server.asked.at(-1)?.body).toEqual({
    enabled: false,
    mode: 'session',
    max_connections: 9,
    idle_timeout_seconds: 5,
    read_write_split: false,
    sharding_enabled: true,
    default_shard_count: 4,
  })
})

test('a dry run and a change to what is there already change nothing', async () => {
  await using server = await startScripted({ [`GET ${path}`]: now })
  const dry = await call(server.url, words('--max-connections', '80', '--dry-run'))
  expect(dry.out).toContain('acme: not changed: this was a dry run')
  const same = await call(server.url, words('--max-connections', '100'))
  expect(same.out).toBe('acme: nothing to change\n')
  expect(server.asked.map(({ method }) => method)).toEqual(['GET', 'GET'])
})

test('who was slower than somebody else changes nothing', async () => {
  const late = { status: 412, body: { title: 'changed meanwhile' } }
  await using server = await startScripted({ [`GET ${path}`]: now, [`PATCH ${path}`]: late })
  const { code, err } = await call(server.url, words('--mode', 'session'))
  expect(code).toBe(6)
  expect(err).toContain('changed meanwhile')
})

test('an ETag that was named is the one that counts', async () => {
  await using server = await startScripted({ [`GET ${path}`]: now, [`PATCH ${path}`]: now })
  await call(server.url, words('--mode', 'session', '--if-match', '"3"'))
  expect(server.asked.at(-1)?.headers['if-match']).toBe('"3"')
})
