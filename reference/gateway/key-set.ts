/** Reads a set of keys as an issuer publishes it (RFC 7517): which of them are good for tokens, and why the others are not. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { keyWeakness, type Algorithm } from './algorithms.ts'
import { parseStrictly } from './json-text.ts'
import type { TrustedKey } from './keyring.ts'

export interface KeySetTerms {
  readonly maxKeys: number
  /** What keys of this issuer may be for; absent: any. */
  readonly algorithms?: readonly Algorithm[] | undefined
}

export interface KeySet {
  readonly keys: readonly TrustedKey[]
  /** For each key that was left out its id, shortened, and why. */
  readonly left: readonly { readonly id: string; readonly why: string }[]
}

/** The document as a whole is none. */
export class KeySetFault extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'KeySetFault'
  }
}

const maxIdLength = 256
/** Stronger ones cost more than they give: who publishes one could make every login slow. */
const maxModulusBits = 4096

type Jwk = Readonly<Record<string, unknown>>

/** An empty set is a set: its issuer trusts none of its keys any more. Throws a KeySetFault. */
export function readKeySet(text: string, terms: KeySetTerms): KeySet {
  const jwks = parse(text)
  if (jwks.length > terms.maxKeys) throw new KeySetFault(`${jwks.length} keys, where ${terms.maxKeys} may be`)
  const read = jwks.map((jwk) => ({ id: idOf(jwk), ...readKey(jwk, terms) }))
  const good = read.flatMap(({ key }) => (key === undefined ? [] : [key]))
  const twice = new Set(good.map(({ id }) => id).filter((id, at, ids) => ids.indexOf(id) !== at))
  return {
    keys: good.filter(({ id }) => !twice.has(id)),
    left: [
      ...read.flatMap(({ id, why }) => (why === undefined ? [] : [{ id, why }])),
      ...[...twice].map((id) => ({ id: id.slice(0, 64), why: 'its id is there more than once' })),
    ],
  }
}

function parse(text: string): readonly Jwk[] {
  const parsed = parseStrictly(text)
  if ('fault' in parsed) throw new KeySetFault(parsed.fault)
  const keys: unknown = isRecord(parsed.value) ? parsed.value['keys'] : undefined
  if (!Array.isArray(keys)) throw new KeySetFault('no list of keys')
  return keys.map((jwk: unknown) => (isRecord(jwk) ? jwk : {}))
}

function isRecord(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function idOf({ kid }: Jwk): string {
  return typeof kid === 'string' ? kid.slice(0, 64) : ''
}

type Read = { readonly key: TrustedKey; readonly why?: never } | { readonly key?: never; readonly why: string }

function readKey(jwk: Jwk, { algorithms }: KeySetTerms): Read {
  const algorithm = algorithmOf(jwk, algorithms)
  const why = purposeFault(jwk) ?? (algorithm === null ? 'of no algorithm that is wanted' : null)
  if (why !== null || algorithm === null) return { why: why ?? '' }
  const key = importKey(jwk)
  if (key === null) return { why: 'no key at all' }
  const weakness = keyWeakness(algorithm, key) ?? tooStrong(key)
  return weakness === null ? { key: { id: jwk['kid'] as string, algorithm, key } } : { why: weakness }
}

function purposeFault({ kid, use, key_ops: operations, d, k }: Jwk): string | null {
  if (typeof kid !== 'string' || kid === '' || kid.length > maxIdLength) return 'without an id, or with a very long one'
  if (d !== undefined || k !== undefined) return 'a secret key, and published: nobody should trust it'
  if (use !== undefined && use !== 'sig') return 'for something else than signatures'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return 'not for verifying'
  return null
}

const byType: Readonly<Record<string, readonly Algorithm[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256'],
  EC: ['ES256'],
  OKP: ['EdDSA'],
}

/** What the key says; where it does not, the first that its kind is good for and that is wanted. */
function algorithmOf({ kty, alg }: Jwk, wanted: readonly Algorithm[] | undefined): Algorithm | null {
  const possible = typeof kty === 'string' && Object.hasOwn(byType, kty) ? byType[kty]! : []
  return possible.find((algorithm) => (alg === undefined || alg === algorithm) && (wanted?.includes(algorithm) ?? true)) ?? null
}

/** Of the public members only: whatever else stands there is not looked at. */
function importKey({ kty, n, e, crv, x, y }: Jwk): KeyObject | null {
  const members = Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => typeof value === 'string')
  try {
    return createPublicKey({ key: Object.fromEntries(members), format: 'jwk' })
  } catch {
    return null
  }
}

function tooStrong(key: KeyObject): string | null {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength > maxModulusBits) return `an RSA key of ${maxModulusBits} bits at most is wanted, this one has ${modulusLength}`
  return publicExponent >= 2n ** 33n ? 'its RSA exponent is too large' : null
}
