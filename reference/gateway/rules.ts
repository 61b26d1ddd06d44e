/** What must hold for the claims of a token whose signature is good; each rule has a name and reports all it finds. */
import type { TrustedIssuer } from './keyring.ts'
import { arePermissions, permissionClaims } from './permissions.ts'
import type { Reason } from './reasons.ts'
import type { Claims } from './token.ts'

export interface Judgement {
  readonly claims: Claims
  /** Whose key the token was signed with. */
  readonly issuer: TrustedIssuer
  readonly requiredClaims: readonly string[]
  readonly leewaySeconds: number
  readonly nowMs: number
  /** `typ` of the header, without the `application/` it may begin with; absent when it has none. */
  readonly type?: string | undefined
  /** The types that are taken, in lower case; absent: those that `checkHeader` lets through. */
  readonly types?: readonly string[] | undefined
  /** Longest time from `iat` to `exp`; absent: any. */
  readonly maxLifetimeSeconds?: number | undefined
  /** What a token must be for, by claim. */
  readonly purposes?: Readonly<Record<string, readonly string[]>> | undefined
}

export interface Finding {
  readonly reason: Reason
  readonly claim?: string
}

export type Rule = (judgement: Judgement) => readonly Finding[]

/** The last second of the year 9999: later dates are mistakes or attacks. */
const lastSecond = 253_402_300_799

/** Claims that are carried on into the session. */
const texts = ['iss', 'sub', 'role', 'tenant_id', 'cluster_id', 'branch_id', 'jti', 'email'] as const
const dates = ['exp', 'nbf', 'iat'] as const

/** In the order in which they decide: the first finding is the reason, the others are mentioned. */
export const rules = {
  required: ({ claims, requiredClaims }) =>
    requiredClaims.filter((claim) => isAbsent(claims.get(claim))).map((claim) => ({ reason: 'missing_claim', claim })),
  texts: ({ claims }) => texts.filter((claim) => claims.has(claim) && !isText(claims.get(claim))).map(malformed),
  dates: ({ claims }) => dates.filter((claim) => claims.has(claim) && !isDate(claims.get(claim))).map(malformed),
  issuer: ({ claims, issuer }) => (claims.get('iss') === issuer.issuer ? [] : [{ reason: 'invalid_issuer' }]),
  audience: ({ claims, issuer }) => (namesAudience(claims.get('aud'), issuer.audience) ? [] : [{ reason: 'invalid_audience' }]),
  expiry: (judgement) =>
    secondsOf(judgement, 'exp', 0) + judgement.leewaySeconds > nowSeconds(judgement) ? [] : [{ reason: 'token_expired' }],
  notBefore: (judgement) => notYet(judgement, 'nbf'),
  issuedAt: (judgement) => notYet(judgement, 'iat'),
  lifetime: (judgement) => tooLong(judgement),
  type: ({ type, types }) => (types === undefined || (type !== undefined && types.includes(type)) ? [] : [{ reason: 'wrong_token_type' }]),
  purpose: ({ claims, purposes = {} }) =>
    Object.entries(purposes)
      .filter(([claim, wanted]) => !serves(claims.get(claim), wanted))
      .map(([claim]) => ({ reason: 'wrong_purpose', claim })),
  permissions: ({ claims }) => permissionClaims.filter((claim) => claims.has(claim) && !arePermissions(claims.get(claim))).map(malformed),
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof rules
export type Rules = Readonly<Record<RuleName, Rule>>

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** No NUL and no half of a surrogate pair: Postgres has no text for them. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0')
}

function isDate(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= lastSecond
}

function malformed(claim: string): Finding {
  return { reason: 'malformed_token', claim }
}

function namesAudience(aud: unknown, wanted: string): boolean {
  return Array.isArray(aud) ? aud.includes(wanted) : aud === wanted
}

function notYet(judgement: Judgement, claim: string): Finding[] {
  const from = secondsOf(judgement, claim, 0) - judgement.leewaySeconds
  return from > nowSeconds(judgement) ? [{ reason: 'token_not_yet_valid', claim }] : []
}

/** A token that does not say when it was issued could be of any length. */
function tooLong({ claims, maxLifetimeSeconds }: Judgement): Finding[] {
  if (maxLifetimeSeconds === undefined) return []
  const [exp, iat] = [claims.get('exp'), claims.get('iat')]
  if (typeof exp === 'number' && typeof iat === 'number' && exp - iat <= maxLifetimeSeconds) return []
  return [{ reason: 'token_lifetime', claim: isAbsent(iat) ? 'iat' : 'exp' }]
}

/** A text, a list of texts, or words with spaces between them, as in `scope`. */
function serves(value: unknown, wanted: readonly string[]): boolean {
  const purposes: readonly unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
  return purposes.some((purpose) => typeof purpose === 'string' && wanted.includes(purpose))
}

function nowSeconds({ nowMs }: Judgement): number {
  return nowMs / 1000
}

function secondsOf({ claims }: Judgement, claim: string, otherwise: number): number {
  const value = claims.get(claim)
  return typeof value === 'number' ? value : otherwise
}
