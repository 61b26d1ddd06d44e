import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { algorithms, type Algorithm } from './algorithms.ts'
import { importKey } from './keyring.ts'
import { pieces } from './pieces.ts'
import { Refusal } from './reasons.ts'
import { assemble, audience, exported, goodClaims, issuerName, key, makeKeyFor, makeToken, type TestKey } from './testing/issuer.ts'
import { verifyToken } from './verify.ts'

const keys = Object.fromEntries(algorithms.map((algorithm) => [algorithm, makeKeyFor(algorithm)])) as Record<Algorithm, TestKey>

async function judge(text: string, pinned: Algorithm, trusted = keys[pinned]): Promise<string> {
  const issuers = [{ issuer: issuerName, audience, keys: [importKey('k1', pinned, trusted.publicPem, 'k1.pem')] }]
  const terms = { issuers, requiredClaims: ['exp', 'iss'], leewaySeconds: 30, maxBytes: 65_535 }
  try {
    const token = await verifyToken(text, terms, pieces, Date.now, () => {})
    return `accepted ${String(token.claims.get('sub'))}`
  } catch (cause) {
    return cause instanceof Refusal ? cause.reason : String(cause)
  }
}

test.each(algorithms)('%s: a token of this key is good, one of another key or with an altered payload is not', async (algorithm) => {
  const token = await makeToken({ algorithm, signedBy: keys[algorithm] })
  expect(await judge(token, algorithm)).toBe('accepted user-1')
  expect(await judge(token, algorithm, makeKeyFor(algorithm))).toBe('invalid_signature')
  const [header, , signature] = token.split('.')
  const payload = Buffer.from(JSON.stringify({ ...goodClaims(), sub: 'user-2' })).toString('base64url')
  expect(await judge(`${header}.${payload}.${signature}`, algorithm)).toBe('invalid_signature')
})

test.each(algorithms)('%s: an empty, a short and an all-zero signature are none', async (algorithm) => {
  for (const signature of ['', 'AAAA', Buffer.alloc(64).toString('base64url'), Buffer.alloc(256).toString('base64url')]) {
    const token = assemble({ alg: algorithm, kid: 'k1' }, goodClaims(), signature)
    expect(await judge(token, algorithm)).toBe('invalid_signature')
  }
})

test.each(algorithms.flatMap((pinned) => algorithms.filter((other) => other !== pinned).map((other) => [pinned, other] as const)))(
  'a key for %s is not used for a token that says %s, whoever signed it',
  async (pinned, other) => {
    const isRsa = (algorithm: Algorithm) => /^[RP]S/.test(algorithm)
    const signedBy = isRsa(pinned) && isRsa(other) ? keys[pinned] : keys[other]
    expect(await judge(await makeToken({ algorithm: other, signedBy }), pinned)).toBe('unsupported_algorithm')
  },
)

const p384 = exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
const small = exported(generateKeyPairSync('rsa', { modulusLength: 1024 }))
test.each<[string, Algorithm, string, RegExp]>([
  ['an RSA key of 1024 bits', 'RS512', small.publicPem, /2048 to 8192 bits is wanted, this one has 1024/],
  ['an RSA key of 1024 bits', 'PS256', small.publicPem, /2048 to 8192 bits is wanted, this one has 1024/],
  ['an EC key', 'RS384', keys.ES256.publicPem, /RSA key is wanted, this one is ec/],
  ['an RSA key', 'ES256', key.publicPem, /P-256 is wanted, this one is rsa/],
  ['a key on P-384', 'ES256', p384.publicPem, /P-256 is wanted, this one is secp384r1/],
  ['an EC key', 'EdDSA', keys.ES256.publicPem, /Ed25519 key is wanted, this one is ec/],
  ['a private key', 'RS256', key.privatePem, /no public key in PEM/],
])('%s is refused for %s', async (_what, algorithm, pem, message) => {
  expect(() => importKey('k', algorithm, pem, 'k.pem')).toThrow(message)
  expect(() => importKey('k', algorithm, pem, 'k.pem')).toThrow(/^k\.pem: /)
})
