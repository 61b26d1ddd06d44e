/** The issuers that are trusted, their keys, and the check that a token was signed by one of them. */
import { compactVerify, errors, type CryptoKey } from 'jose'
import { algorithms, importPublicKey, type Algorithm } from './algorithms.ts'
import { Refusal } from './reasons.ts'
import { malformed, type DecodedToken } from './token.ts'

export interface TrustedKey {
  readonly id: string
  /** The key decides which algorithm it is good for, never the token. */
  readonly algorithm: Algorithm
  readonly key: CryptoKey
}

export interface TrustedIssuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: readonly TrustedKey[]
}

export interface Signer {
  readonly issuer: TrustedIssuer
  readonly key: TrustedKey
}

const supported: ReadonlySet<unknown> = new Set<Algorithm>(algorithms)
const plainTypes: ReadonlySet<unknown> = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'])

/** Makes a key of its PEM. Throws a ConfigError when it is none, or a weak one. */
export async function importKey(id: string, algorithm: Algorithm, pem: string, where: string): Promise<TrustedKey> {
  return { id, algorithm, key: await importPublicKey(algorithm, pem, where) }
}

/** Refuses headers that ask for something else than a plain signature. */
export function checkHeader({ header }: DecodedToken): void {
  if (!supported.has(header.get('alg'))) throw new Refusal('unsupported_algorithm')
  if (header.has('crit')) throw malformed('crit')
  const type = header.get('typ')
  if (type !== undefined && !plainTypes.has(typeof type === 'string' ? type.toLowerCase() : type)) throw malformed('typ')
}

/**
 * The key a token must be signed with: of its own issuer and by its id. A token of nobody we know is measured by the key of that id, so that
 * the audit log can tell a stranger's token from a forgery; the rule on issuers refuses it anyway. Fields such as jku or jwk are never read.
 */
export function selectKey(token: DecodedToken, issuers: readonly TrustedIssuer[]): Signer {
  const own = issuers.filter(({ issuer }) => issuer === token.claims.get('iss'))
  const id = token.header.get('kid')
  const signers = (own.length > 0 ? own : issuers).flatMap((issuer) => issuer.keys.map((key) => ({ issuer, key })))
  const signer = signers.find(({ key }) => key.id === id)
  if (signer === undefined) throw new Refusal('unknown_key')
  if (signer.key.algorithm !== token.header.get('alg')) throw new Refusal('unsupported_algorithm')
  return signer
}

/** Throws a Refusal unless the key signed exactly this text. */
export async function checkSignature(token: DecodedToken, { key }: Signer): Promise<void> {
  try {
    await compactVerify(token.text, key.key, { algorithms: [key.algorithm] })
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) throw new Refusal('invalid_signature')
    if (cause instanceof errors.JOSEError) throw malformed(cause.code)
    throw cause
  }
}
