/** Logins that fail: what the client is told, and what the audit log keeps of each. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { openTlsProbe, type LoginOutcome, type LoginWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec, wish, type Trial } from '../kit.ts'
import { openPlane } from '../wake/plane.ts'
import type { AuditRecord } from '../kit/gateway.ts'

const withApi = wish({ controlPlane: {} })

/** Of the API: to look, to change, to order. */
const calls = [
  ['GET', '/status'],
  ['GET', '/pooler'],
  ['PATCH', '/pooler'],
  ['POST', '/suspend'],
] as const

const fatal = [false, 'FATAL', '28000']
const toldBy = ({ ok, error }: LoginOutcome) => [ok, error?.severity, error?.sqlstate]

/** What no driver would send goes out as well. */
async function logIn({ door, role }: Stack, password: string, wishes: Partial<LoginWish> = {}) {
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const outcome = await probe.logIn({ user: role, database: door.database, password, ...wishes })
  return { outcome, port: probe.localPort }
}

withApi('AUTH-001', async ({ stack, mint, prove }) => {
  await prove('listener', async () => {
    for (const password of ['', 'secret', 'postgres', '\n'])
      expect(toldBy((await logIn(stack, password)).outcome), `${JSON.stringify(password)} in place of a token`).toEqual(fatal)
  })
  if (!stack.can('control-plane').here) return
  await using plane = await openPlane({ stack, mint })
  await prove('api', async () => {
    for (const [method, path] of calls)
      expect((await plane.ask(method, path, { authorization: null })).status, `${method} ${path} without a token`).toBe(401)
  })
})

withApi('AUTH-002', async ({ stack, gateway, mint, prove }) => {
  const now = Math.floor(Date.now() / 1000)
  const good = await gateway.attempt(await mint())
  const ends = { 'ten minutes ago': now - 600, 'a year ago': now - 31_536_000, 'in 1970': 1 }
  await prove('listener', async () => {
    expect(good.ok, 'a token that has not ended').toBe(true)
    for (const [what, exp] of Object.entries(ends)) {
      const token = await mint({ claims: { iat: Math.min(exp, now - 7200), exp } })
      expect(toldBy((await logIn(stack, token)).outcome), `a token that ended ${what}`).toEqual(fatal)
    }
  })
  if (!stack.can('control-plane').here) return
  await using plane = await openPlane({ stack, mint })
  await prove('api', async () => {
    const permissions = ['clusters:admin']
    const alive = await mint({ claims: { permissions } })
    expect((await plane.ask('GET', '/status', { authorization: `Bearer ${alive}` })).status, 'a token that has not ended').toBe(200)
    for (const [what, exp] of Object.entries(ends)) {
      const authorization = `Bearer ${await mint({ claims: { permissions, iat: Math.min(exp, now - 7200), exp } })}`
      for (const [method, path] of calls)
        expect((await plane.ask(method, path, { authorization })).status, `${method} ${path} with a token that ended ${what}`).toBe(401)
    }
  })
})

withApi('ERR-001', async ({ stack, mint, prove }) => {
  await prove('postgres', async () => {
    const { outcome } = await logIn(stack, '')
    expect(toldBy(outcome), 'an empty password').toEqual(fatal)
    expect(outcome.error?.fields['M'] ?? '', 'the words').toMatch(/[a-z]{3,}( [a-z,]+){3,}/)
  })
  if (!stack.can('control-plane').here) return
  await using plane = await openPlane({ stack, mint })
  const told = await plane.ask('GET', '/status', { authorization: null })
  await prove('http-status', () => expect(told.status).toBe(401))
  await prove('http-body', () => {
    expect(told.type).toMatch(/^application\/problem\+json/)
    expect(told.body['title']).toMatch(/[a-z]{3,}/i)
  })
})

interface Failure {
  readonly what: string
  readonly reason: string
  readonly password: string
  readonly wishes?: Partial<LoginWish>
  /** Absent: nobody can know. */
  readonly sub?: string
}

async function failures({ mint }: Pick<Trial<'AUTH-006'>, 'mint'>): Promise<readonly Failure[]> {
  const sub = `user-${randomUUID()}`
  const stranger = await makeKeyPair()
  const now = Math.floor(Date.now() / 1000)
  const of = (claims: object) => mint({ claims: { sub, ...claims } })
  return [
    { what: 'an expired token', reason: 'token_expired', password: await of({ iat: now - 7200, exp: now - 3600 }), sub },
    { what: 'a token of the future', reason: 'token_not_yet_valid', password: await of({ nbf: now + 3600 }), sub },
    { what: 'a token without tenant', reason: 'missing_claim', password: await of({ tenant_id: undefined }), sub },
    { what: 'a token for others', reason: 'invalid_audience', password: await of({ aud: 'elsewhere' }), sub },
    { what: 'another role', reason: 'role_mismatch', password: await of({}), wishes: { user: 'somebody_else' }, sub },
    { what: 'another database', reason: 'unknown_database', password: await of({}), wishes: { database: 'elsewhere' }, sub },
    { what: 'a token without subject', reason: 'missing_claim', password: await of({ sub: undefined }) },
    { what: 'a forged token', reason: 'invalid_signature', password: await mint({ claims: { sub }, signedBy: stranger.privateKeyPem }) },
    { what: 'an unsigned token', reason: 'unsupported_algorithm', password: await mint({ claims: { sub }, forgery: 'none' }) },
    { what: 'no token', reason: 'malformed_token', password: 'secret' },
    { what: 'nothing', reason: 'no_password', password: '' },
  ]
}

interface Kept {
  readonly failure: Failure
  readonly record: AuditRecord | undefined
  readonly port: number
  readonly between: readonly [number, number]
}

/** The record may be written a moment after the client has its answer. */
async function fail({ stack, gateway }: Pick<Trial<'AUTH-006'>, 'stack' | 'gateway'>, failure: Failure): Promise<Kept> {
  const [mark, since] = [gateway.mark(), Date.now()]
  const { port } = await logIn(stack, failure.password, failure.wishes)
  const deadline = performance.now() + 3_000
  while (gateway.auditSince(mark).length === 0 && performance.now() < deadline) await sleep(10)
  return { failure, record: gateway.auditSince(mark)[0], port, between: [since, Date.now()] }
}

spec('AUTH-006', async (trial) => {
  const { prove } = trial
  const kept: Kept[] = []
  for (const failure of await failures(trial)) kept.push(await fail(trial, failure))

  await prove('time', () => {
    for (const { failure, record, between } of kept) {
      expect(record?.['time'], failure.what).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      const at = Date.parse(String(record?.['time']))
      expect(at, `${failure.what}: not before it began`).toBeGreaterThanOrEqual(between[0])
      expect(at, `${failure.what}: not after it was over`).toBeLessThanOrEqual(between[1])
    }
  })
  await prove('origin', () => {
    for (const { failure, record, port } of kept) expect(record?.['remote'], failure.what).toBe(`127.0.0.1:${port}`)
  })
  await prove('reason', () => {
    for (const { failure, record } of kept) expect(record, failure.what).toMatchObject({ outcome: 'refused', reason: failure.reason })
  })
  await prove('subject', () => {
    for (const { failure, record } of kept) expect(record?.['sub'], failure.what).toBe(failure.sub)
  })
})
