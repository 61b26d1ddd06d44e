import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { convenience, sessionVariables, signedClaims, type ClaimsSeal } from './session-claims.ts'
import { trustedKey } from './testing/issuer.ts'
import type { VerifiedToken } from './verify.ts'

const seal: ClaimsSeal = {
  keyId: 'c1',
  key: Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex'),
  cluster: 'local',
  branch: 'main',
  permissionsFrom: ['permissions', 'scope'],
}

function tokenOf(claims: Record<string, unknown>, payloadText = JSON.stringify(claims)): VerifiedToken {
  return { claims: new Map(Object.entries(claims)), payloadText, issuer: 'i', keyId: 'k1', key: trustedKey, endMs: 1_800_000_030_000 }
}

const claims = { sub: 'user-1', tenant_id: 'tenant-a', role: 'tenant_user', iat: 1_799_996_400, exp: 1_800_000_000, jti: 'j1' }

test('the signed value is this one, to the byte: the database reads it', () => {
  const body =
    'eyJ2IjoxLCJzdWIiOiJ1c2VyLTEiLCJ0ZW5hbnRfaWQiOiJ0ZW5hbnQtYSIsImJyYW5jaCI6Im1haW4iLCJjbHVzdGVyIjoibG9jYWwiLCJyb2xlIjoib3JvY2hpX2FwcCIsImV4cCI6MTgwMDAwMDAzMCwiaWF0IjoxNzk5OTk2NDAwLCJqdGkiOiJqMSJ9'
  expect(Buffer.from(body, 'base64url').toString()).toBe(
    '{"v":1,"sub":"user-1","tenant_id":"tenant-a","branch":"main","cluster":"local","role":"orochi_app","exp":1800000030,"iat":1799996400,"jti":"j1"}',
  )
  const expected = `{"p":"${body}","s":"3qjaEhEL41iIJgGDBfwttmEghjOUG2L8qfN2WxtR348","k":"c1"}`
  expect(Object.fromEntries(signedClaims(tokenOf(claims), 'orochi_app', seal))).toEqual({ 'orochi.claims': expected })
})

test('permissions travel in the signed value, from the claims that are named', () => {
  const payload = (further: object, from = seal.permissionsFrom) => {
    const blob = signedClaims(tokenOf({ ...claims, ...further }), 'orochi_app', { ...seal, permissionsFrom: from }).get('orochi.claims')
    return JSON.parse(Buffer.from((JSON.parse(blob ?? '') as { p: string }).p, 'base64url').toString()) as Record<string, unknown>
  }
  expect(payload({ scope: 'read' })).toMatchObject({ permissions: ['read'] })
  expect(payload({ scope: 'read' }, ['permissions'])).not.toHaveProperty('permissions')
})

test('its signature is HMAC-SHA-256 over the text of the body', () => {
  const blob = JSON.parse(signedClaims(tokenOf({ ...claims, sub: 'ü🐍"\\' }), 'orochi_app', seal).get('orochi.claims') ?? '') as Record<
    'p' | 's',
    string
  >
  expect(blob.s).toBe(createHmac('sha256', seal.key).update(blob.p).digest('base64url'))
  expect(JSON.parse(Buffer.from(blob.p, 'base64url').toString())).toMatchObject({ sub: 'ü🐍"\\' })
})

test('the convenience variables are the claims; what is no plain word is left out, never cut', () => {
  const long = 'x'.repeat(64)
  expect(
    Object.fromEntries(convenience(tokenOf({ ...claims, email: 'a@b.ch', branch_id: 'feature-x' }, '{"text":"as signed"}'), seal)),
  ).toEqual({
    'request.jwt.claims': '{"text":"as signed"}',
    'request.jwt.claim.sub': 'user-1',
    'request.jwt.claim.role': 'tenant_user',
    'request.jwt.claim.email': 'a@b.ch',
    'request.jwt.claim.tenant_id': 'tenant-a',
    'orochi.tenant_id': 'tenant-a',
    'orochi.user_id': 'user-1',
    'orochi.branch_id': 'feature-x',
  })
  const odd = convenience(tokenOf({ sub: long, tenant_id: "x'; drop", role: 'ü', email: '' }), seal)
  expect([...odd.keys()]).toEqual(['request.jwt.claims', 'orochi.branch_id'])
})

test.each([`it's`, 'back\\slash', '"quoted"', '$$', ';--', '+ -c x=y', 'new\nline', 'ü🐍'])(
  '%j travels in ASCII without anything to quote in the signed value',
  (value) => {
    const variables = sessionVariables(tokenOf({ ...claims, sub: value, tenant_id: value }), 'orochi_app', seal)
    expect(variables.get('orochi.claims')).toMatch(/^[A-Za-z0-9_{}":,-]+$/)
    for (const text of variables.values()) expect(text).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(variables.get('request.jwt.claims') ?? '')).toMatchObject({ sub: value })
  },
)

test('the same token gives the same text', () => {
  expect(sessionVariables(tokenOf(claims), 'orochi_app', seal)).toEqual(sessionVariables(tokenOf({ ...claims }), 'orochi_app', seal))
})

test('what does not fit is refused, not cut', () => {
  const atLimit = (length: number) =>
    convenience(tokenOf(claims, JSON.stringify({ x: 'y'.repeat(length - 8) })), seal).get('request.jwt.claims')
  expect(atLimit(4000)).toHaveLength(4000)
  expect(() => atLimit(4001)).toThrow('claims_too_large')
  expect(() => signedClaims(tokenOf({ ...claims, sub: 'y'.repeat(4000) }), 'orochi_app', seal)).toThrow('claims_too_large')
})
