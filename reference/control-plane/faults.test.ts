import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openStore } from './store/open.ts'
import { StoreError, type Store, type StoreFault } from './store/store.ts'
import { raise } from './testing/raise.ts'

const dir = mkdtempSync(join(tmpdir(), 'control-plane-faults-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A store whose changes fail as long as `fault` says how. */
function troubled() {
  const state: { fault: StoreFault | null } = { fault: null }
  const check = () => {
    if (state.fault !== null) throw new StoreError(state.fault, 'as the test wants it')
  }
  const open = async (config: Parameters<typeof openStore>[0]): Promise<Store> => {
    const store = await openStore(config)
    return {
      ...store,
      create: async (...given) => (check(), await store.create(...given)),
      replace: async (...given) => (check(), await store.replace(...given)),
      remove: async (...given) => (check(), await store.remove(...given)),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    }
  }
  return { state, open }
}

test.each([
  ['full', 507, 'store-full'],
  ['read_only', 503, 'read-only'],
  ['unavailable', 503, 'unavailable'],
] as const)(
  'a store that is %s: orders are refused with nothing done, questions are answered, and later it goes on',
  async (fault, status, kind) => {
    const { state, open } = troubled()
    await using plane = await raise({ pieces: { openStore: open } })
    await plane.create('acme')
    await plane.ask('POST', '/api/v1/clusters/acme/suspend')
    await plane.until('acme', 'suspended')
    state.fault = fault
    const calls = plane.platform.calls.length
    for (const [method, path, body] of [
      ['POST', '/api/v1/clusters', { id: 'other' }],
      ['POST', '/api/v1/clusters/acme/wake', undefined],
      ['PATCH', '/api/v1/clusters/acme/pooler', { max_connections: 5 }],
      ['DELETE', '/api/v1/clusters/acme', undefined],
    ] as const) {
      const answer = await plane.ask(method, path, body, { 'if-match': '*' })
      expect(answer).toMatchObject({ status, body: { type: `urn:orochi:problem:${kind}` } })
      expect(answer.headers.get('retry-after')).toBe('1')
    }
    expect((await plane.ask('GET', '/api/v1/clusters/acme')).body).toMatchObject({ generation: 1, status: { state: 'suspended' } })
    expect(plane.platform.calls).toHaveLength(calls)
    state.fault = null
    await plane.ask('POST', '/api/v1/clusters/acme/wake')
    await plane.until('acme', 'active')
  },
)

test('a store that fails in the midst of a waking: its end is written down when that works again', async () => {
  const { state, open } = troubled()
  const change = (config: Record<string, unknown>) => ({ ...config, times: { ...(config['times'] as object), acceptMs: 50 } })
  await using plane = await raise({ pieces: { openStore: open }, change })
  await plane.create('acme')
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await plane.until('acme', 'suspended')
  plane.platform.postgresReady = false
  await plane.ask('POST', '/api/v1/clusters/acme/wake')
  state.fault = 'full'
  plane.platform.postgresReady = true
  await expect.poll(() => plane.logged.some(({ event }) => event === 'operation'), { timeout: 10_000 }).toBe(true)
  expect((await plane.ask('GET', '/api/v1/clusters/acme/status')).body).toMatchObject({ state: 'waking', is_ready: false })
  state.fault = null
  await plane.until('acme', 'active')
})

test('an order that cannot be audited is not carried out', async () => {
  await using plane = await raise({ change: (config) => ({ ...config, audit: { file: '/dev/full' } }) })
  const { status, body } = await plane.ask('POST', '/api/v1/clusters', { id: 'acme' })
  expect([status, body['type']]).toEqual([503, 'urn:orochi:problem:unavailable'])
  expect((await plane.ask('GET', '/api/v1/clusters/acme')).status).toBe(404)
})

test('orders are in the chain, with who gave them and without a token', async () => {
  const file = join(dir, 'audit.log')
  const { verifyChain, linesOf } = await import('../gateway/audit-log/verify-chain.ts')
  {
    await using plane = await raise({ change: (config) => ({ ...config, audit: { file, sync: 'always' } }) })
    await plane.create('acme')
    await plane.ask('POST', '/api/v1/clusters/acme/wake', undefined, { authorization: 'Bearer nonsense' })
    expect(plane.logged.filter(({ event }) => event === 'order')).toMatchObject([
      { outcome: 'accepted', subject: 'user-1', method: 'POST', path: '/api/v1/clusters' },
      { outcome: 'refused', reason: 'malformed_token', subject: null, path: '/api/v1/clusters/acme/wake' },
    ])
  }
  expect(await verifyChain(linesOf(file))).toMatchObject({ fault: null, records: 2 })
})

test('a cluster is deleted with what belongs to it; one that cannot be is still there and can be deleted again', async () => {
  const change = (config: Record<string, unknown>) => ({ ...config, times: { ...(config['times'] as object), deleteMs: 100 } })
  await using plane = await raise({ change })
  await plane.create('acme')
  plane.platform.on('remove', () => new Promise(() => {}))
  expect((await plane.ask('DELETE', '/api/v1/clusters/acme')).status).toBe(202)
  expect((await plane.ask('POST', '/api/v1/clusters/acme/wake')).status).toBe(404)
  expect(await plane.until('acme', 'suspended')).toMatchObject({
    message: expect.stringMatching(/^could not be deleted: remove: the driver did not end/),
  })
  plane.platform.on('remove', null)
  expect((await plane.ask('DELETE', '/api/v1/clusters/acme', undefined, { 'if-match': '"7"' })).status).toBe(412)
  await plane.ask('DELETE', '/api/v1/clusters/acme')
  await expect.poll(async () => (await plane.ask('GET', '/api/v1/clusters/acme/status')).status, { timeout: 10_000 }).toBe(404)
  expect(plane.platform.running.size).toBe(0)
  await plane.create('acme')
})

test('events come as a stream, from where one left it', async () => {
  await using plane = await raise()
  await plane.create('acme')
  const { adminToken } = await import('./testing/raise.ts')
  const gone = new AbortController()
  const response = await fetch(`${plane.base}/api/v1/events?cluster=acme`, {
    headers: { authorization: `Bearer ${await adminToken()}`, 'last-event-id': '1' },
    signal: gone.signal,
  })
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  const seen: string[] = []
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (const [, kind] of text.matchAll(/event: (\S+)\ndata: .*\nid: \d+\n\n/g)) seen.push(kind!)
    text = text.slice(text.lastIndexOf('\n\n') + 2)
    if (seen.includes('suspend.completed')) break
  }
  gone.abort()
  expect(seen.slice(0, 6)).toEqual([
    'state.changed',
    'state.changed',
    'suspend.requested',
    'state.changed',
    'suspend.completed',
    'state.changed',
  ])
})
