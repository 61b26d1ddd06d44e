import { expect, test } from 'vitest'
import { importKey } from './keyring.ts'
import { pieces } from './pieces.ts'
import { Refusal } from './reasons.ts'
import { audience, issuerName, key, makeToken, type Wish } from './testing/issuer.ts'
import { raiseStage } from './testing/stage.ts'
import { verifyToken, type TokenTerms } from './verify.ts'

const nowMs = 1_800_000_000_000
const seconds = nowMs / 1000
const issuers = [{ issuer: issuerName, audience, keys: [importKey('k1', 'RS256', key.publicPem, 'k1')] }]

async function judge(wish: Wish, demands: Partial<TokenTerms>): Promise<string> {
  const terms = { issuers, requiredClaims: ['exp', 'iss'], leewaySeconds: 30, maxBytes: 65_535, ...demands }
  try {
    await verifyToken(await makeToken({ nowMs, ...wish }), terms, pieces, () => nowMs, () => {}) // prettier-ignore
    return 'accepted'
  } catch (cause) {
    return cause instanceof Refusal ? [cause.reason, cause.notes.claim].filter(Boolean).join(' ') : String(cause)
  }
}

test.each<[string, string, Record<string, unknown>]>([
  ['as long as allowed', 'accepted', { exp: seconds + 900, iat: seconds }],
  ['a second longer', 'token_lifetime exp', { exp: seconds + 901, iat: seconds }],
  ['long, with most of it gone', 'token_lifetime exp', { exp: seconds + 10, iat: seconds - 891 }],
  ['of ten years', 'token_lifetime exp', { exp: seconds + 315_360_000, iat: seconds }],
  ['without its beginning', 'token_lifetime iat', { iat: undefined }],
  ['with a text for its beginning', 'malformed_token iat', { iat: String(seconds) }],
])('of tokens of 900 s at most, one %s: %s', async (_what, verdict, claims) => {
  expect(await judge({ claims }, { maxLifetimeSeconds: 900 })).toBe(verdict)
})

test('without a maximum the length is no matter', async () => {
  expect(await judge({ claims: { exp: seconds + 315_360_000, iat: undefined } }, {})).toBe('accepted')
})

test.each<[string, Record<string, string>]>([
  ['accepted', { typ: 'at+jwt' }],
  ['accepted', { typ: 'application/AT+JWT' }],
  ['wrong_token_type', { typ: 'JWT' }],
  ['wrong_token_type', {}],
  ['malformed_token', { typ: 'logout+jwt' }],
])('where access tokens are wanted: %s for %j', async (verdict, header) => {
  expect(await judge({ header }, { types: ['at+jwt'] })).toBe(verdict)
})

const purposes = { token_use: ['access'], scope: ['database', 'all'] }
test.each<[string, Record<string, unknown>]>([
  ['accepted', { token_use: 'access', scope: 'openid database' }],
  ['accepted', { token_use: ['access'], scope: ['all'] }],
  ['wrong_purpose token_use', { token_use: 'id', scope: 'all' }],
  ['wrong_purpose token_use', { scope: 'all' }],
  ['wrong_purpose scope', { token_use: 'access', scope: 'databases' }],
  ['wrong_purpose scope', { token_use: 'access', scope: { all: 'all' } }],
  ['wrong_purpose scope', { token_use: 'access', scope: [['all']] }],
])('where purposes are wanted: %s for %j', async (verdict, claims) => {
  expect(await judge({ claims }, { purposes })).toBe(verdict)
})

test('what the configuration demands is demanded at the door, with its reason in the log and the counter', async () => {
  await using stage = await raiseStage({
    change: (config) => ({ ...config, tokens: { ...config.tokens, maxLifetimeSeconds: 60, types: ['jwt'], purposes: { use: ['db'] } } }),
  })
  const now = Math.floor(Date.now() / 1000)
  const claims = { iat: now, exp: now + 60, use: 'db' }
  const header = { typ: 'JWT' }
  for (const wish of [{ header }, { claims }, { header, claims: { ...claims, use: 'id' } }]) {
    expect(await (await stage.logIn(await makeToken(wish))).refusal()).toBe('28000')
  }
  const good = await stage.logIn(await makeToken({ header, claims }))
  expect((await good.until('ready-for-query')).at(-1)?.kind).toBe('ready-for-query')
  expect(stage.logins().map(({ reason }) => reason)).toEqual(['token_lifetime', 'wrong_token_type', 'wrong_purpose', undefined])
  const metrics = await (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/metrics`)).text()
  expect(metrics).toContain('orochi_gateway_logins_total{outcome="refused",reason="token_lifetime"} 1')
})
