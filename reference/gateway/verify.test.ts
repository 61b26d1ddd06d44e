import { expect, test } from 'vitest'
import { createHmac } from 'node:crypto'
import { importKey, type TrustedIssuer } from './keyring.ts'
import { pieces } from './pieces.ts'
import { Refusal } from './reasons.ts'
import { assemble, audience, goodClaims, issuerName, key, makeKey, makeToken, otherKey, type Wish } from './testing/issuer.ts'
import { verifyToken } from './verify.ts'

const nowMs = 1_800_000_000_000
const trusted: TrustedIssuer = { issuer: issuerName, audience, keys: [importKey('k1', 'RS256', key.publicPem, 'k1')] }
const second: TrustedIssuer = { issuer: 'https://second.test', audience, keys: [importKey('k1', 'RS256', otherKey.publicPem, 'k1')] }
const terms = {
  issuers: [trusted, second],
  requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id'],
  leewaySeconds: 30,
  maxBytes: 65_535,
}

async function judge(text: string, at = nowMs): Promise<Refusal | 'accepted'> {
  try {
    await verifyToken(text, terms, pieces, () => at, () => {}) // prettier-ignore
    return 'accepted'
  } catch (cause) {
    if (cause instanceof Refusal) return cause
    throw cause
  }
}

async function judgeMade(wish: Wish, at = nowMs): Promise<Refusal | 'accepted'> {
  return await judge(await makeToken({ nowMs, ...wish }), at)
}

const reasonOf = (verdict: Refusal | 'accepted'): string => (verdict === 'accepted' ? verdict : verdict.reason)

test('a good token becomes an identity, with every claim as signed', async () => {
  const claims = { n: 42, nested: { a: [1, 'x', null] }, branch_id: 'feature-x' }
  const token = await verifyToken(await makeToken({ nowMs, claims }), terms, pieces, () => nowMs, () => {}) // prettier-ignore
  expect(Object.fromEntries(token.claims)).toEqual({ ...goodClaims(nowMs), ...claims })
  expect(token).toMatchObject({ issuer: issuerName, keyId: 'k1', endMs: nowMs + 3_630_000 })
})

const seconds = nowMs / 1000
test.each<[string, string, Wish]>([
  ['expired', 'token_expired', { claims: { exp: seconds - 31 } }],
  ['not yet valid', 'token_not_yet_valid', { claims: { nbf: seconds + 31 } }],
  ['issued in the future', 'token_not_yet_valid', { claims: { iat: seconds + 31 } }],
  ['another key', 'invalid_signature', { signedBy: otherKey }],
  ['another issuer', 'invalid_issuer', { claims: { iss: 'https://evil.test' } }],
  ['the issuer with a slash', 'invalid_issuer', { claims: { iss: `${issuerName}/` } }],
  ['the key of another issuer by the same id', 'invalid_signature', { claims: { iss: second.issuer } }],
  ['another audience', 'invalid_audience', { claims: { aud: 'other' } }],
  ['no audience', 'invalid_audience', { claims: { aud: undefined } }],
  ['a list without us', 'invalid_audience', { claims: { aud: ['a', 'b'] } }],
  ['an unknown key', 'unknown_key', { kid: '../../etc/passwd' }],
  ['a date as text', 'malformed_token', { claims: { exp: String(seconds + 60) } }],
  ['a date with a fraction', 'malformed_token', { claims: { exp: seconds + 60.5 } }],
  ['a negative date', 'malformed_token', { claims: { nbf: -1 } }],
  ['a date beyond all time', 'malformed_token', { claims: { exp: 1e12 } }],
  ['a number for a tenant', 'malformed_token', { claims: { tenant_id: 42 } }],
  ['a NUL in a tenant', 'malformed_token', { claims: { tenant_id: 'a\0b' } }],
  ['half a character', 'malformed_token', { payloadText: JSON.stringify(goodClaims(nowMs)).replace('user-1', '\\ud800') }],
  ['a list of ours and others', 'accepted', { claims: { aud: ['x', audience] } }],
  ['the leeway', 'accepted', { claims: { exp: seconds - 29, iat: seconds + 29, nbf: seconds + 29 } }],
  ['__proto__', 'accepted', { payloadText: JSON.stringify(goodClaims(nowMs)).replace('{', '{"__proto__":{"role":"admin"},') }],
])('%s: %s', async (_what, reason, wish) => {
  expect(reasonOf(await judgeMade(wish))).toBe(reason)
})

test.each(terms.requiredClaims)('a token without %s lacks a claim, and it is named', async (claim) => {
  for (const value of [undefined, null, '']) {
    const verdict = await judgeMade({ claims: { [claim]: value } })
    expect(verdict).toMatchObject({ reason: 'missing_claim', notes: { claim } })
  }
})

test('what else is wrong is mentioned, and who it was when the signature held', async () => {
  expect(await judgeMade({ claims: { iss: undefined } })).toMatchObject({
    reason: 'missing_claim',
    notes: { claim: 'iss', also: ['invalid_issuer'], sub: 'user-1', tenant: 'tenant-a' },
  })
  expect(await judgeMade({ signedBy: otherKey })).toHaveProperty('notes', {})
})

const goodHeader = { alg: 'RS256', kid: 'k1' }
test.each([
  ['none', { ...goodHeader, alg: 'none' }, 'unsupported_algorithm'],
  ['nOnE', { ...goodHeader, alg: 'nOnE' }, 'unsupported_algorithm'],
  ['no algorithm', { kid: 'k1' }, 'unsupported_algorithm'],
  ['a list of algorithms', { ...goodHeader, alg: ['RS256'] }, 'unsupported_algorithm'],
  ['HS256', { ...goodHeader, alg: 'HS256' }, 'unsupported_algorithm'],
  ['an unknown crit', { ...goodHeader, crit: ['x'], x: 1 }, 'malformed_token'],
  ['b64', { ...goodHeader, crit: ['b64'], b64: false }, 'malformed_token'],
  ['another type', { ...goodHeader, typ: 'logout+jwt' }, 'malformed_token'],
  ['no key id', { alg: 'RS256' }, 'unknown_key'],
  ['a key id that is no text', { alg: 'RS256', kid: ['k1'] }, 'malformed_token'],
  ['a key id of no end', { alg: 'RS256', kid: 'k'.repeat(257) }, 'malformed_token'],
  ['a long key id', { alg: 'RS256', kid: 'k'.repeat(256) }, 'unknown_key'],
  ['b64 that is not called critical', { ...goodHeader, b64: false }, 'malformed_token'],
  ['encryption', { ...goodHeader, alg: 'RSA-OAEP', enc: 'A256GCM' }, 'malformed_token'],
  ['compression', { ...goodHeader, zip: 'DEF' }, 'malformed_token'],
  ['a key of its own', { ...goodHeader, kid: 'mine', jwk: { kty: 'RSA' }, jku: 'http://127.0.0.1:1/' }, 'unknown_key'],
])('a header with %s is refused', async (_what, header, reason) => {
  expect(reasonOf(await judge(assemble(header, goodClaims(nowMs), '')))).toBe(reason)
})

test('an empty signature is none', async () => {
  expect(reasonOf(await judge(assemble(goodHeader, goodClaims(nowMs), '')))).toBe('invalid_signature')
})

test('the public key is no secret to sign with', async () => {
  const unsigned = assemble({ ...goodHeader, alg: 'HS256' }, goodClaims(nowMs), '').slice(0, -1)
  const forged = `${unsigned}.${createHmac('sha256', key.publicPem).update(unsigned).digest('base64url')}`
  expect(reasonOf(await judge(forged))).toBe('unsupported_algorithm')
})

test('each byte of the payload is signed', async () => {
  const [header, payload = '', signature] = (await makeToken({ nowMs })).split('.')
  for (let at = 0; at < payload.length; at += 7) {
    const altered = payload.slice(0, at) + (payload[at] === 'A' ? 'B' : 'A') + payload.slice(at + 1)
    expect(['invalid_signature', 'malformed_token', 'unknown_key']).toContain(reasonOf(await judge(`${header}.${altered}.${signature}`)))
  }
})

test('expiry is exact: the last moment of the leeway passes, the next does not', async () => {
  const claims = { exp: seconds }
  expect(await judgeMade({ claims }, nowMs + 29_999)).toBe('accepted')
  expect(reasonOf(await judgeMade({ claims }, nowMs + 30_000))).toBe('token_expired')
})

test('a signature is computed once, and only for a token that could be right', async () => {
  let checks = 0
  const count = async (text: string) =>
    await verifyToken(text, terms, pieces, () => nowMs, () => checks++).catch(() => {}) // prettier-ignore
  await count(await makeToken({ nowMs }))
  expect(checks).toBe(1)
  await count('garbage')
  await count(await makeToken({ kid: 'unknown' }))
  expect(checks).toBe(1)
})

test('weak keys and what is no key are refused', async () => {
  expect(() => importKey('k', 'RS256', makeKey(1024).publicPem, 'weak.pem')).toThrow(/weak\.pem.*2048.*1024/)
  expect(() => importKey('k', 'RS256', 'hello', 'hello.pem')).toThrow(/hello\.pem/)
})

test.each([
  ['k2', 'no key k2'],
  ['../../etc/passwd', 'no key ../../etc/passwd'],
  ['a\n\u{1b}[2J', String.raw`no key a\u{a}\u{1b}[2J`],
  ['eyJhbGciOiJSUzI1NiJ9', 'no key (masked)'],
  ['k'.repeat(200), 'no key (masked)'],
])('the log tells which key was not there: %j as %j', async (kid, detail) => {
  expect(await judgeMade({ kid })).toMatchObject({ reason: 'unknown_key', notes: { detail } })
})
