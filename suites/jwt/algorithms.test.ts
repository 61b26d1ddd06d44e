/** Algorithms beside RS256: each is good for a key that was configured for it, and claims come through it as signed. */
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { expect } from 'vitest'
import { spec } from '../kit.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { alsoIssuedBy, issuedBy, makeIssuerKey, startPublisher, tokenBy, tokenFor } from './publisher.ts'

const whoAmI = `select current_setting('request.jwt.claim.sub', true) as sub, current_setting('request.jwt.claim.role', true) as role, orochi.user_id() as verified`

spec('JWT-013', async ({ stack, gateway, prove }) => {
  const secret = randomBytes(32)
  const signature = (input: Buffer) => createHmac('sha256', secret).update(input).digest()
  const sharing = { issuer: 'https://internal.test', sharedSecrets: [{ id: 's1', file: 's1.secret' }] }
  await using _changed = await reconfigure(stack, { files: { 's1.secret': secret.toString('base64') }, apply: alsoIssuedBy(sharing) })
  const claims = { iss: sharing.issuer, sub: 'user-shared' }
  const attempt = await gateway.attempt(tokenFor(stack, { kid: 's1', alg: 'HS256', signature, claims }), { query: whoAmI })
  await prove('accepted', () => expect([attempt.message, attempt.ok]).toEqual([undefined, true]))
  await prove('claims', () => expect(attempt.rows).toEqual([{ sub: 'user-shared', role: stack.role, verified: 'user-shared' }]))
})

spec('JWT-014', async ({ stack, gateway, prove }) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signature = (input: Buffer) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  await using _changed = await reconfigure(stack, {
    files: { 'e1.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    apply: issuedBy({ keys: [{ id: 'e1', algorithm: 'ES256', publicKey: 'e1.pem' }] }),
  })
  const token = tokenFor(stack, { kid: 'e1', alg: 'ES256', signature, claims: { sub: 'user-curve' } })
  const attempt = await gateway.attempt(token, { query: whoAmI })
  await prove('accepted', () => expect([attempt.message, attempt.ok]).toEqual([undefined, true]))
  await prove('claims', () => expect(attempt.rows).toEqual([{ sub: 'user-curve', role: stack.role, verified: 'user-curve' }]))
})

spec('JWT-112', async ({ stack, gateway, prove }) => {
  const [ours, theirs] = [makeIssuerKey('k1'), makeIssuerKey('k1')]
  await using one = await startPublisher(ours.jwk)
  await using other = await startPublisher(theirs.jwk)
  await using _first = await reconfigure(stack, { apply: issuedBy({ jwks: { url: one.url } }) })
  await using _second = await reconfigure(stack, { apply: alsoIssuedBy({ issuer: 'https://other.test', jwks: { url: other.url } }) })
  const iss = 'https://other.test'
  const own = [await gateway.attempt(tokenBy(stack, ours)), await gateway.attempt(tokenBy(stack, theirs, { iss }))]
  const foreign = [await gateway.attempt(tokenBy(stack, ours, { iss })), await gateway.attempt(tokenBy(stack, theirs))]
  await prove('own', () => expect(own.map(({ ok }) => ok)).toEqual([true, true]))
  await prove('foreign', () => {
    for (const { ok, severity, sqlstate, audit } of foreign)
      expect([ok, severity, sqlstate, audit?.reason]).toEqual([false, 'FATAL', '28000', 'invalid_signature'])
  })
})
