/** The signature algorithms a key may be good for, and how strong a key of each must be. */
import { constants, createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import { ConfigError } from './config-error.ts'

export const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'] as const
export type Algorithm = (typeof algorithms)[number]
/** By a shared secret, which is never among public keys. */
export type SecretAlgorithm = 'HS256'

/** Null for a key that will do, else what is wanted and what was found. */
type Weakness = (key: KeyObject) => string | null

const weaknesses: Readonly<Record<Algorithm, Weakness>> = {
  RS256: rsaWeakness,
  RS384: rsaWeakness,
  RS512: rsaWeakness,
  PS256: rsaWeakness,
  ES256: curveWeakness,
  EdDSA: (key) => (key.asymmetricKeyType === 'ed25519' ? null : `an Ed25519 key is wanted, this one is ${kindOf(key)}`),
}

/** What is wrong with a key for this algorithm; null when nothing is. */
export function keyWeakness(algorithm: Algorithm, key: KeyObject): string | null {
  return weaknesses[algorithm](key)
}

/** Makes a key of its PEM. Throws a ConfigError when it is none, of another kind than the algorithm's, or a weak one. */
export function importPublicKey(algorithm: Algorithm, pem: string, where: string): KeyObject {
  const key = parse(pem, where)
  const weakness = keyWeakness(algorithm, key)
  if (weakness !== null) throw new ConfigError(`${where}: for ${algorithm} ${weakness}`)
  return key
}

type Check = (input: Buffer, key: KeyObject, signature: Buffer) => boolean

const checks: Readonly<Record<Algorithm | SecretAlgorithm, Check>> = {
  RS256: checkRsa('sha256'),
  RS384: checkRsa('sha384'),
  RS512: checkRsa('sha512'),
  PS256: (input, key, signature) => {
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    return verify('sha256', input, { key, ...padding }, signature)
  },
  ES256: (input, key, signature) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature),
  EdDSA: (input, key, signature) => verify(null, input, key, signature),
  HS256: (input, key, signature) => {
    const expected = createHmac('sha256', key).update(input).digest()
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  },
}

function checkRsa(hash: string): Check {
  return (input, key, signature) => verify(hash, input, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
}

/**
 * At once, on this thread: it takes some tens of microseconds, less than the way through the pool of threads and back, where it would also
 * wait behind name look-ups and files.
 */
export function isSigned(algorithm: Algorithm | SecretAlgorithm, key: KeyObject, input: Buffer, signature: Buffer): boolean {
  return checks[algorithm](input, key, signature)
}

/** Node would take the public half of a private key or a certificate too; neither belongs here. */
function parse(pem: string, where: string): KeyObject {
  try {
    if (pem.includes('-----BEGIN PUBLIC KEY-----')) return createPublicKey(pem)
  } catch {
    // Said below.
  }
  throw new ConfigError(`${where}: this is no public key in PEM (BEGIN PUBLIC KEY)`)
}

function rsaWeakness(key: KeyObject): string | null {
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== 'rsa') return `an RSA key is wanted, this one is ${kindOf(key)}`
  if (bits < 2048 || bits > 8192) return `an RSA key of 2048 to 8192 bits is wanted, this one has ${bits}`
  if (exponent < 3n) return `an RSA exponent of 3 at least is wanted, this one is ${exponent}`
  return isOdd(key) && exponent % 2n === 1n ? null : 'an odd modulus and exponent are wanted: nothing can be signed with this key'
}

function isOdd(key: KeyObject): boolean {
  const { n = '' } = key.export({ format: 'jwk' })
  return (Buffer.from(String(n), 'base64url').at(-1) ?? 0) % 2 === 1
}

function curveWeakness(key: KeyObject): string | null {
  if (key.asymmetricKeyType !== 'ec') return `an EC key on P-256 is wanted, this one is ${kindOf(key)}`
  const curve = key.asymmetricKeyDetails?.namedCurve ?? 'unknown'
  return curve === 'prime256v1' ? null : `the curve P-256 is wanted, this one is ${curve}`
}

function kindOf(key: KeyObject): string {
  return key.asymmetricKeyType ?? 'unknown'
}
