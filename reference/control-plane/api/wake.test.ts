import { expect, test } from 'vitest'
import { makeToken, otherKey } from '../../gateway/testing/issuer.ts'
import { failing, makePlatform } from '../testing/fake-platform.ts'
import { credential, raise, type Raised } from '../testing/raise.ts'

/** Sleeps, and its platform waits with the next start until it is let. */
async function asleep(plane: Raised, id = 'acme') {
  await plane.create(id)
  await plane.ask('POST', `/api/v1/clusters/${id}/suspend`)
  await plane.until(id, 'suspended')
  const { promise, resolve } = Promise.withResolvers<void>()
  plane.platform.on('resume', () => promise)
  const before = plane.platform.count('resume')
  return { let: resolve, resumes: () => plane.platform.count('resume') - before }
}

const quick = (config: Record<string, unknown>) => ({ ...config, times: { ...(config['times'] as object), acceptMs: 50 } })

test('however many ask, over either interface, one waking comes of it', async () => {
  await using plane = await raise({ change: quick })
  const cluster = await asleep(plane)
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => plane.ask('POST', '/api/v1/clusters/acme/wake')),
    ...Array.from({ length: 10 }, () => plane.askInternally('POST', 'acme/wake')),
  ])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  cluster.let()
  await plane.until('acme', 'active')
  expect(cluster.resumes()).toBe(1)
  expect(await plane.metrics()).toContain('orochi_pgdog_wake_events_total{cluster_id="acme"} 1')
  expect((await plane.ask('POST', '/api/v1/clusters/acme/wake')).status).toBe(200)
  expect(await plane.askInternally('POST', 'acme/wake')).toMatchObject({
    status: 200,
    body: { state: { status: 'running', is_ready: true } },
  })
})

test('nothing is called awake before Postgres has answered, and its pooler too', async () => {
  await using plane = await raise({ change: quick })
  const cluster = await asleep(plane)
  plane.platform.postgresReady = false
  cluster.let()
  await plane.ask('POST', '/api/v1/clusters/acme/wake')
  const looks = plane.platform.count('observe')
  await expect.poll(() => plane.platform.count('observe'), { timeout: 10_000 }).toBeGreaterThan(looks + 5)
  expect((await plane.askInternally('GET', 'acme/state')).body).toEqual({
    state: { cluster_id: 'acme', status: 'waking', is_ready: false, message: 'is being woken' },
  })
  plane.platform.postgresReady = true
  expect(await plane.until('acme', 'active')).toMatchObject({ is_ready: true })
})

test('a platform that refuses is told of at once: 503 and when to come again; nothing is left running, and it can be woken later', async () => {
  await using plane = await raise()
  await asleep(plane)
  plane.platform.on('resume', failing('no node has room', false))
  const suspends = plane.platform.count('suspend')
  const refused = await plane.ask('POST', '/api/v1/clusters/acme/wake')
  expect(refused).toMatchObject({ status: 503, body: { type: 'urn:orochi:problem:wake-refused', detail: 'no node has room', status: 503 } })
  expect(refused.headers.get('location')).toBeNull()
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(plane.platform.count('suspend')).toBe(suspends + 1)
  expect((await plane.ask('GET', '/api/v1/clusters/acme/status')).body).toMatchObject({
    state: 'suspended',
    message: 'could not be woken: no node has room',
  })
  expect(await plane.askInternally('POST', 'acme/wake')).toMatchObject({ status: 500, body: { type: 'urn:orochi:problem:wake-failed' } })
})

test('what may succeed later is tried again; after its time a waking fails for good', async () => {
  const change = (config: Record<string, unknown>) => ({
    ...config,
    times: { ...(config['times'] as object), wakeMs: 500, acceptMs: 5000, coolDownMs: 0 },
  })
  await using plane = await raise({ change })
  const cluster = await asleep(plane)
  let left = 3
  plane.platform.on('resume', () => (left-- > 0 ? failing('busy', true)() : undefined))
  await plane.ask('POST', '/api/v1/clusters/acme/wake')
  await plane.until('acme', 'active')
  expect(cluster.resumes()).toBe(4)
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await plane.until('acme', 'suspended')
  plane.platform.on('resume', failing('busy', true))
  expect((await plane.ask('POST', '/api/v1/clusters/acme/wake')).status).toBe(503)
})

test('a driver that hangs is cut off, and told of', async () => {
  const change = (config: Record<string, unknown>) => ({
    ...config,
    times: { ...(config['times'] as object), callMs: 200, wakeMs: 600, acceptMs: 10_000 },
  })
  await using plane = await raise({ change })
  await asleep(plane)
  plane.platform.on('resume', () => new Promise(() => {}))
  const { status, body } = await plane.ask('POST', '/api/v1/clusters/acme/wake')
  expect(status).toBe(503)
  expect(body['detail']).toMatch(/^resume: the driver did not end within \d+ ms and was cut off$/)
})

test('a suspension waits for open transactions, is called off by a wake, and given up in the end', async () => {
  await using plane = await raise()
  await plane.create('acme', { sleep: { drain_timeout_seconds: 60 } })
  plane.platform.openTransactions = 2
  const suspends = plane.platform.count('suspend')
  expect((await plane.ask('POST', '/api/v1/clusters/acme/suspend')).body).toMatchObject({ state: 'suspending', is_ready: false })
  expect((await plane.ask('POST', '/api/v1/clusters/acme/wake')).status).toBe(200)
  await plane.until('acme', 'active')
  await plane.create('short', { sleep: { drain_timeout_seconds: 0 } })
  await plane.ask('POST', '/api/v1/clusters/short/suspend')
  expect(await plane.until('short', 'active')).toMatchObject({ message: 'stays awake: 2 transactions were still open' })
  expect(plane.platform.count('suspend')).toBe(suspends)
  await plane.ask('POST', '/api/v1/clusters/short/suspend', { force: true })
  await plane.until('short', 'suspended')
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  plane.platform.openTransactions = 0
  await plane.until('acme', 'suspended')
})

test('a wake that comes when it is too late to call a suspension off is done after it', async () => {
  await using plane = await raise({ change: quick })
  await plane.create('acme')
  const { promise, resolve } = Promise.withResolvers<void>()
  plane.platform.on('suspend', () => promise)
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await expect.poll(() => plane.platform.count('suspend'), { timeout: 10_000 }).toBe(1)
  expect(await plane.ask('POST', '/api/v1/clusters/acme/wake')).toMatchObject({ status: 202, body: { state: 'suspending' } })
  resolve()
  await plane.until('acme', 'active')
  expect(plane.platform.calls.filter((call) => /^(suspend|resume)/.test(call))).toEqual([
    'resume acme cold',
    'suspend acme cold',
    'resume acme cold',
  ])
})

test('who is not known, or may not, moves nothing; a stranger learns nothing about which clusters there are', async () => {
  await using plane = await raise()
  const cluster = await asleep(plane)
  const [reader, forged, other, expired] = await Promise.all([
    makeToken({ claims: { scope: 'clusters:read' } }),
    makeToken({ claims: { permissions: ['clusters:admin'] }, signedBy: otherKey }),
    makeToken({ claims: { permissions: ['clusters:admin'], cluster_id: 'other' } }),
    makeToken({ claims: { permissions: ['clusters:admin'] }, nowMs: Date.now() - 86_400_000 }),
  ])
  const wake = (authorization: string, path = '/api/v1/clusters/acme/wake') => plane.ask('POST', path, undefined, { authorization })
  for (const words of ['', 'Basic abc', `Bearer ${forged}`, `Bearer ${expired}`, `Bearer ${credential}`]) {
    const known = await wake(words)
    expect([known.status, known.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="orochi"'])
    const { body: unknown } = await wake(words, '/api/v1/clusters/nobody/wake')
    expect({ ...unknown, request_id: '' }).toEqual({ ...known.body, request_id: '' })
  }
  for (const token of [reader, other]) expect((await wake(`Bearer ${token}`)).status).toBe(403)
  for (const words of ['', 'Bearer wrong', `Bearer ${reader}`])
    expect((await wake(words, '/api/v1/internal/clusters/acme/wake')).status).toBe(401)
  expect(cluster.resumes()).toBe(0)
  expect((await plane.ask('GET', '/api/v1/clusters', undefined, { authorization: `Bearer ${reader}` })).status).toBe(200)
  const refused = plane.logged.filter(({ event, outcome }) => event === 'order' && outcome === 'refused')
  expect(refused.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['no_token', 'invalid_signature', 'token_expired', 'permission_missing', 'other_cluster', 'wrong_credential'])) // prettier-ignore
  expect(JSON.stringify(plane.logged)).not.toContain(forged.split('.')[1])
})

test('what stopped by itself is seen, and started again', async () => {
  await using plane = await raise({ platform: makePlatform() })
  await plane.create('acme')
  const resumes = plane.platform.count('resume')
  ;(plane.platform.running as Set<string>).clear()
  await expect.poll(() => plane.platform.count('resume'), { timeout: 10_000 }).toBe(resumes + 1)
  await plane.until('acme', 'active')
})
