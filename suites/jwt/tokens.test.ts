/** Which tokens the gateway lets in, which it refuses, and the reason it gives its own log. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, faultOf, openTlsProbe, type Answer } from '../../fixtures/probe.ts'
import type { Overrides } from '../../fixtures/tokens.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec, type Trial } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'

/** What a stranger may learn of a refusal. */
const refused = /^28/

type Verdicts = readonly { readonly what: string; readonly attempt: Attempt }[]

/** Presents tokens one after another, each by the words that say what is wrong with it. */
async function present({ gateway }: Pick<Trial<'JWT-003'>, 'gateway'>, tokens: Readonly<Record<string, string>>): Promise<Verdicts> {
  const verdicts = []
  for (const [what, token] of Object.entries(tokens)) verdicts.push({ what, attempt: await gateway.attempt(token) })
  return verdicts
}

function expectRefused(verdicts: Verdicts): void {
  for (const { what, attempt } of verdicts) {
    expect(attempt.ok, `${what}: the login`).toBe(false)
    expect(attempt.sqlstate ?? 'none', `${what}: SQLSTATE (${attempt.message})`).toMatch(refused)
  }
}

function expectReason(verdicts: Verdicts, reason: string): void {
  for (const { what, attempt } of verdicts) {
    expect([attempt.audit?.outcome, attempt.audit?.reason], `${what}: outcome and reason in the login record`).toEqual(['refused', reason])
  }
}

const payloadOf = (token: string): string => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()

/** What a session's variable holds; text that is no JSON stays text. */
function claimsIn(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return text
  }
}

/** The token with its payload's text changed and everything else left as it is. */
function rewrite(token: string, change: (payload: string) => string): string {
  const [header = '', , signature = ''] = token.split('.')
  const changed = change(payloadOf(token))
  if (changed === payloadOf(token)) throw new Error(`this change leaves the payload as it is: ${change}`)
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.')
}

/** A login by the raw-byte probe, and what the server says to a query sent right behind the password. */
async function logInRaw(stack: Stack, token: string) {
  const { door } = stack
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const login = await probe.logIn({ user: 'tenant_user', database: door.database, password: token })
  const answer: Answer = await probe.query("select current_setting('request.jwt.claims', true)", 5_000)
  return { login, answer, ending: probe.ending }
}

spec('JWT-001', async ({ stack, gateway, mint, prove }) => {
  const query = `select current_setting('request.jwt.claims', true) as claims, orochi.claims() as verified`
  const audience: Overrides = { claims: { aud: ['https://elsewhere.test', stack.issuer.audience] } }
  const day: Overrides = { ttlSeconds: 86_400 }
  const more: Overrides = {
    claims: { sub: `user-${randomUUID()}`, tenant_id: 'tenant-b', nbf: Math.floor(Date.now() / 1000) - 60, email: 'b@orochi.test' },
  }
  const tokens = {
    default: await mint(),
    'two audiences': await mint(audience),
    'a day long': await mint(day),
    'more claims': await mint(more),
  }
  const shown: { what: string; token: string; attempt: Attempt }[] = []
  for (const [what, token] of Object.entries(tokens)) shown.push({ what, token, attempt: await gateway.attempt(token, { query }) })

  await prove('accepted', () => {
    for (const { what, attempt } of shown) expect(attempt, what).toMatchObject({ ok: true })
    if (stack.can('audit-log').here)
      for (const { what, attempt } of shown) expect(attempt.audit, what).toMatchObject({ outcome: 'accepted' })
  })
  await prove('claims', () => {
    for (const { what, token, attempt } of shown) {
      const signed = JSON.parse(payloadOf(token)) as Record<string, unknown>
      const { claims, verified } = attempt.rows?.[0] ?? {}
      expect(claimsIn(claims), what).toEqual(signed)
      expect(verified, what).toMatchObject({ sub: signed['sub'], tenant_id: signed['tenant_id'] })
    }
  })
  await prove('no-error', async () => {
    for (const { what, attempt } of shown) expect([attempt.message, attempt.audit?.reason], what).toEqual([undefined, undefined])
    const { login, answer } = await answered(logInRaw(stack, tokens.default), 'a raw login')
    expect(login.error ?? login.trouble, 'the login').toBeUndefined()
    expect(faultOf(answer), 'a query after it').toBe('')
  })
})

spec('JWT-002', async (trial) => {
  const { stack, mint, prove } = trial
  const leewaySeconds = stack.topology.gateway?.leewaySeconds ?? 30
  const now = Math.floor(Date.now() / 1000)
  const subject = `expired-${randomUUID()}`
  const expired = (exp: number) => mint({ claims: { sub: subject, iat: Math.min(now - 7200, exp), exp } })
  const tokens = {
    'ten minutes ago': await mint({ expiredMinutesAgo: 10, claims: { sub: subject } }),
    'a little more than the leeway ago': await expired(now - leewaySeconds - 2),
    'a year ago': await expired(now - 31_536_000),
    'at the beginning of time': await expired(1),
  }
  const verdicts = [...(await present(trial, tokens)), ...(await present(trial, { again: tokens['ten minutes ago'] }))]

  await prove('rejected', () => expectRefused(verdicts))
  await prove('reason', () => expectReason(verdicts, 'token_expired'))
  await prove('no-claims', async () => {
    for (const { what, attempt } of verdicts) {
      expect(attempt.backendsOpened, `${what}: connections that reached the pooler`).toBe(0)
      expect(attempt.message ?? '', `${what}: the text for strangers`).not.toContain(subject)
    }
    const { login, answer } = await answered(logInRaw(stack, tokens['ten minutes ago']), 'a raw login')
    expect({ ok: login.ok, parameters: [...login.parameters], key: login.key }).toEqual({ ok: false, parameters: [], key: null })
    expect(Object.values(login.error?.fields ?? {}).join(' '), 'the fields of the error').not.toMatch(new RegExp(`${subject}|tenant-a`))
    expect(answer.rows, 'rows for a query sent behind the password').toEqual([])
    if (stack.can('links').here)
      expect(
        stack
          .link('pooler-0')
          .recent()
          .map((message) => message.text)
          .join('\n'),
      ).not.toContain(subject)
  })
})

spec('JWT-003', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const stranger = await makeKeyPair()
  const genuine = await mint({ claims: { sub: 'user-1', tenant_id: 'tenant-a' } })
  const sameWords = { payloadText: payloadOf(genuine), signedBy: stranger.privateKeyPem }
  const foreign = {
    'another key': await mint({ signedBy: stranger.privateKeyPem }),
    'another key, the words of a token that is known': await mint(sameWords),
  }
  const foreignOther = { 'another key under an id of its own': await mint({ ...sameWords, header: { kid: 'k-of-a-stranger' } }) }
  const altered = {
    'one byte of jti': await mint({ alteredPayload: true }),
    'one byte of tenant_id': rewrite(genuine, (payload) => payload.replace('"tenant-a"', '"tenant-b"')),
    'one byte of sub': rewrite(genuine, (payload) => payload.replace('"user-1"', '"user-2"')),
    'one byte of exp': rewrite(genuine, (payload) => payload.replace(/"exp":1/, '"exp":2')),
  }
  // The genuine token goes first, so that a cache could be fooled by the same signature or the same jti.
  const first = await gateway.attempt(genuine)
  const [byStranger, byOtherId, changed] = [
    await present(trial, foreign),
    await present(trial, foreignOther),
    await present(trial, altered),
  ]

  await prove('wrong-key', () => {
    expect([first.ok, first.message], 'the genuine token').toEqual([true, undefined])
    expectRefused([...byStranger, ...byOtherId])
  })
  await prove('altered-payload', () => {
    expect([first.ok, first.message], 'the genuine token').toEqual([true, undefined])
    expectRefused(changed)
    if (stack.can('links').here) for (const { what, attempt } of changed) expect(attempt.backendsOpened, what).toBe(0)
  })
  await prove('reason', () => expectReason([...byStranger, ...changed], 'invalid_signature'))
})

spec('JWT-004', async (trial) => {
  const { stack, mint, prove } = trial
  const required = stack.topology.gateway?.requiredClaims ?? []
  const tokens: Record<string, string> = {}
  for (const claim of required) tokens[claim] = await mint({ claims: { [claim]: undefined } })
  const verdicts = await present(trial, tokens)

  await prove('rejected', () => {
    expect(verdicts.length, 'mandatory claims').toBeGreaterThanOrEqual(5)
    expectRefused(verdicts)
  })
  await prove('reason', () => expectReason(verdicts, 'missing_claim'))
  await prove('named', () => {
    for (const { what, attempt } of verdicts) expect(attempt.audit?.claim, `the claim named for a token without ${what}`).toBe(what)
  })
})

spec('JWT-005', async (trial) => {
  const { stack, mint, prove } = trial
  const { issuer } = stack.issuer
  const foreign = {
    'another issuer': await mint({ claims: { iss: 'https://issuer.elsewhere.test' } }),
    'ours with a slash': await mint({ claims: { iss: `${issuer}/` } }),
    'ours in capitals': await mint({ claims: { iss: issuer.toUpperCase() } }),
    'a name that begins like ours': await mint({ claims: { iss: `${issuer}.elsewhere.test` } }),
    'a name that ends like ours': await mint({ claims: { iss: issuer.replace('https://', 'https://x') } }),
  }
  const lists = { 'a list with ours in it': await mint({ claims: { iss: [issuer, 'https://elsewhere.test'] } }) }
  const [byName, byList] = [await present(trial, foreign), await present(trial, lists)]
  const absent = await present(trial, { 'no issuer': await mint({ claims: { iss: undefined } }) })

  await prove('foreign-issuer', () => expectRefused([...byName, ...byList]))
  await prove('absent-issuer', () => expectRefused(absent))
  await prove('reason', () => {
    expectReason(byName, 'invalid_issuer')
    // A token without iss lacks a mandatory claim as well (JWT-004), so the issuer may stand second.
    for (const { attempt } of absent) expect([attempt.audit?.reason, ...(attempt.audit?.also ?? [])]).toContain('invalid_issuer')
  })
})
