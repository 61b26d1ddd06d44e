/** What a deployment may demand of tokens: dates that make sense, a length, a type, a purpose. */
import { expect } from 'vitest'
import type { Overrides } from '../../fixtures/tokens.ts'
import { wish } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { expectAccepted, expectFatal, expectRefused, present, type Verdicts, type Ways } from './verdicts.ts'

const maxLifetimeSeconds = 86_400
const tokens = {
  requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id'],
  leewaySeconds: 30,
  maxLifetimeSeconds,
  types: ['at+jwt'],
  purposes: { token_use: ['access'], scope: ['database'] },
}
const spec = wish({ gateway: { settings: { tokens } } })

/** As a deployment of this kind wants them, unless said otherwise. */
const fitting = ({ header, claims, ...others }: Overrides = {}): Overrides => ({
  header: { typ: 'at+jwt', ...header },
  claims: { token_use: 'access', scope: 'openid database', ...claims },
  ...others,
})

/** What must stand in the login record: the reason, and the claim it is about. */
type Why = readonly [reason: string, claim: string]
type Expected = readonly { readonly what: string; readonly why: Why; readonly attempt: Attempt }[]

async function presentAll({ gateway, mint }: Ways, wishes: Readonly<Record<string, readonly [Overrides, Why]>>): Promise<Expected> {
  const seen = []
  for (const [what, [overrides, why]] of Object.entries(wishes))
    seen.push({ what, why, attempt: await gateway.attempt(await mint(fitting(overrides))) })
  return seen
}

function expectReasons(expected: Expected): void {
  for (const { what, why, attempt } of expected)
    expect([attempt.audit?.reason, attempt.audit?.claim ?? ''], `${what}: reason and claim in the login record`).toEqual(why)
}

/** Dates of which each is wrong in one way. */
function oddDates(): Readonly<Record<string, readonly [Overrides, Why]>> {
  const now = Math.floor(Date.now() / 1000)
  const claims = (changed: Record<string, unknown>): Overrides => ({ claims: changed })
  const raw = (exp: string): Overrides => ({
    payloadText: `{"iss":"https://issuer.test","aud":"orochi","sub":"user-1","role":"tenant_user","tenant_id":"tenant-a","iat":${now},"exp":${exp}}`,
  })
  return {
    'no exp': [claims({ exp: undefined }), ['missing_claim', 'exp']],
    'null for exp': [claims({ exp: null }), ['missing_claim', 'exp']],
    'a text for exp': [claims({ exp: String(now + 600) }), ['malformed_token', 'exp']],
    'a date as text for exp': [claims({ exp: new Date((now + 600) * 1000).toISOString() }), ['malformed_token', 'exp']],
    'a fraction for exp': [claims({ exp: now + 600.5 }), ['malformed_token', 'exp']],
    'a list for exp': [claims({ exp: [now + 600] }), ['malformed_token', 'exp']],
    'true for exp': [claims({ exp: true }), ['malformed_token', 'exp']],
    'a negative exp': [claims({ exp: -1 }), ['malformed_token', 'exp']],
    'zero for exp': [claims({ exp: 0 }), ['malformed_token', 'exp']],
    'the year 10000 for exp': [claims({ exp: 253_402_300_800 }), ['malformed_token', 'exp']],
    'the year 10^12 for exp': [raw('31556952000000000000'), ['malformed_token', 'exp']],
    'a number beyond all for exp': [raw('1e999'), ['malformed_token', 'exp']],
    'milliseconds for exp': [claims({ exp: (now + 600) * 1000 }), ['malformed_token', 'exp']],
    'a text for nbf': [claims({ nbf: String(now) }), ['malformed_token', 'nbf']],
    'nbf in the future': [claims({ nbf: now + 600 }), ['token_not_yet_valid', 'nbf']],
    'iat in the future': [claims({ iat: now + 600 }), ['token_not_yet_valid', 'iat']],
    'a text for iat': [claims({ iat: String(now) }), ['malformed_token', 'iat']],
    'a lifetime of ten years': [claims({ exp: now + 315_360_000 }), ['token_lifetime', 'exp']],
    'a lifetime one second too long': [claims({ iat: now, exp: now + maxLifetimeSeconds + 1 }), ['token_lifetime', 'exp']],
    'a lifetime too long, most of it gone': [claims({ iat: now - maxLifetimeSeconds, exp: now + 60 }), ['token_lifetime', 'exp']],
    'no iat, so a lifetime of any length': [claims({ iat: undefined }), ['token_lifetime', 'iat']],
  }
}

spec('JWT-109', async (trial) => {
  const { stack, mint, prove } = trial
  const now = Math.floor(Date.now() / 1000)
  const good = await present(trial, {
    'dates that make sense': await mint(fitting()),
    'as long as is allowed': await mint(fitting({ claims: { iat: now, exp: now + maxLifetimeSeconds } })),
  })
  const odd = await presentAll(trial, oddDates())

  await prove('refused', () => {
    expectAccepted(good)
    expectRefused(odd, stack)
  })
  await prove('reason', () => expectReasons(odd))
  await prove('alike', () => {
    expectFatal(odd)
    expect(new Set(odd.map(({ attempt }) => attempt.message)).size, 'wordings').toBe(1)
  })
})

const types: Readonly<Record<string, readonly [Overrides, Why]>> = {
  'no type': [{ header: { typ: undefined } }, ['wrong_token_type', '']],
  'any token': [{ header: { typ: 'JWT' } }, ['wrong_token_type', '']],
  'a type and more': [{ header: { typ: 'at+jwt+more' } }, ['malformed_token', '']],
  'a token for logging out': [{ header: { typ: 'logout+jwt' } }, ['malformed_token', '']],
  'a proof of possession': [{ header: { typ: 'dpop+jwt' } }, ['malformed_token', '']],
  'a type that is no text': [{ header: { typ: ['at+jwt'] } }, ['malformed_token', '']],
}

const purposes: Readonly<Record<string, readonly [Overrides, Why]>> = {
  'an ID token': [{ claims: { token_use: 'id' } }, ['wrong_purpose', 'token_use']],
  'a refresh token': [{ claims: { token_use: 'refresh' } }, ['wrong_purpose', 'token_use']],
  'no purpose': [{ claims: { token_use: undefined } }, ['wrong_purpose', 'token_use']],
  'a purpose in capitals': [{ claims: { token_use: 'ACCESS' } }, ['wrong_purpose', 'token_use']],
  'no scope': [{ claims: { scope: undefined } }, ['wrong_purpose', 'scope']],
  'another scope': [{ claims: { scope: 'openid profile' } }, ['wrong_purpose', 'scope']],
  'a scope that begins like ours': [{ claims: { scope: 'database:none' } }, ['wrong_purpose', 'scope']],
  'a scope in a list in a list': [{ claims: { scope: [['database']] } }, ['wrong_purpose', 'scope']],
}

spec('JWT-113', async (trial) => {
  const { stack, mint, prove } = trial
  const good: Verdicts = await present(trial, {
    'an access token': await mint(fitting()),
    'the type in full': await mint(fitting({ header: { typ: 'application/at+jwt' } })),
    'the type in capitals': await mint(fitting({ header: { typ: 'AT+JWT' } })),
    'a list of scopes': await mint(fitting({ claims: { scope: ['openid', 'database'] } })),
  })
  const [otherTypes, otherPurposes] = [await presentAll(trial, types), await presentAll(trial, purposes)]

  await prove('accepted', () => expectAccepted(good))
  await prove('type', () => {
    expectFatal(otherTypes)
    expectRefused(otherTypes, stack)
  })
  await prove('purpose', () => {
    expectFatal(otherPurposes)
    expectRefused(otherPurposes, stack)
  })
  await prove('reason', () => expectReasons([...otherTypes, ...otherPurposes]))
})
