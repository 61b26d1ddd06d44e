/** The issuers that are trusted, their keys, and the check that a token was signed by one of them. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { importPublicKey, isSigned, type Algorithm, type SecretAlgorithm } from './algorithms.ts'
import { shownName } from './log-text.ts'
import { Refusal } from './reasons.ts'
import type { DecodedToken } from './token.ts'

export interface TrustedKey {
  readonly id: string
  /** The key decides which algorithm it is good for, never the token. */
  readonly algorithm: Algorithm | SecretAlgorithm
  readonly key: KeyObject
}

export interface TrustedIssuer {
  readonly issuer: string
  readonly audience: string
  /** Those that may be used at the moment. */
  readonly keys: readonly TrustedKey[]
  /** For an issuer that publishes its keys: whether the key of this id is there now, after it was looked for. */
  readonly lookFor?: (id: string) => Promise<boolean>
}

export interface Signer {
  readonly issuer: TrustedIssuer
  readonly key: TrustedKey
}

/** Makes a key of its PEM. Throws a ConfigError when it is none, or a weak one. */
export function importKey(id: string, algorithm: Algorithm, pem: string, where: string): TrustedKey {
  return { id, algorithm, key: importPublicKey(algorithm, pem, where) }
}

export function importSecret(id: string, secret: Buffer): TrustedKey {
  return { id, algorithm: 'HS256', key: createSecretKey(secret) }
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
  if (signer === undefined) throw new Refusal('unknown_key', { detail: typeof id === 'string' ? `no key ${shownName(id)}` : 'no kid' })
  if (signer.key.algorithm !== token.header.get('alg')) throw new Refusal('unsupported_algorithm')
  return signer
}

export type SelectKey = typeof selectKey

/** As `selectKey`; a key that is not there is looked for, once, where its issuer publishes them. */
export async function findKey(token: DecodedToken, issuers: readonly TrustedIssuer[], select: SelectKey): Promise<Signer> {
  try {
    return select(token, issuers)
  } catch (cause) {
    const [issuer, id] = [issuers.find(({ issuer: name }) => name === token.claims.get('iss')), token.header.get('kid')]
    if (!(cause instanceof Refusal) || cause.reason !== 'unknown_key' || issuer?.lookFor === undefined) throw cause
    if (typeof id === 'string' && (await issuer.lookFor(id))) return select(token, issuers)
    throw issuer.keys.length > 0 ? cause : new Refusal('keys_unavailable')
  }
}

/** Whether the key a token was found good by may still be used. */
export function trusts(issuers: readonly TrustedIssuer[], { issuer, key }: { readonly issuer: string; readonly key: TrustedKey }): boolean {
  return issuers.some((trusted) => trusted.issuer === issuer && trusted.keys.includes(key))
}

/** Throws a Refusal unless the key signed exactly this text. */
export function checkSignature({ text }: DecodedToken, { key }: Signer): void {
  const end = text.lastIndexOf('.')
  const [input, signature] = [Buffer.from(text.slice(0, end)), Buffer.from(text.slice(end + 1), 'base64url')]
  if (!isSigned(key.algorithm, key.key, input, signature)) throw new Refusal('invalid_signature')
}
