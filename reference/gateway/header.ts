/** What the header of a token may ask for: a plain signature of an algorithm we know, by a key we know, and nothing else. */
import { algorithms, type Algorithm } from './algorithms.ts'
import type { TrustedIssuer } from './keyring.ts'
import { Refusal } from './reasons.ts'
import { malformed, type DecodedToken } from './token.ts'

const supported: ReadonlySet<unknown> = new Set<Algorithm>(algorithms)
const plainTypes: ReadonlySet<unknown> = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'])

/** Fields that change how the rest is to be read: whoever overlooks one reads another token than the one that was signed. */
const changesTheMeaning = ['crit', 'b64', 'enc', 'zip'] as const

/** Ids of keys are short; a longer one is none of ours and not worth a look. */
const maxKeyIdLength = 256

/** Throws a Refusal. Fields that only point somewhere (jku, x5u, jwk, x5c) are not looked at, here or anywhere. */
export function checkHeader({ header }: DecodedToken, issuers: readonly TrustedIssuer[] = []): void {
  const unread = changesTheMeaning.find((field) => header.has(field))
  if (unread !== undefined) throw malformed(unread)
  const algorithm = header.get('alg')
  if (!supported.has(algorithm) && !(algorithm === 'HS256' && anySecret(issuers))) throw new Refusal('unsupported_algorithm')
  checkKeyId(header.get('kid'))
  const type = header.get('typ')
  if (type !== undefined && !plainTypes.has(typeof type === 'string' ? type.toLowerCase() : type)) throw malformed('typ')
}

/** Where nobody shares a secret there is no such algorithm. */
function anySecret(issuers: readonly TrustedIssuer[]): boolean {
  return issuers.some(({ keys }) => keys.some((key) => key.algorithm === 'HS256'))
}

function checkKeyId(id: unknown): void {
  if (id === undefined) return
  if (typeof id !== 'string') throw malformed('kid is no text')
  if (id.length > maxKeyIdLength) throw malformed('kid is too long')
}
