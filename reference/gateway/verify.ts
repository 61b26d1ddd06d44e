/** From a token's text to an identity that may be believed: taken apart, signed by a trusted key, every rule kept. */
import type { checkHeader } from './header.ts'
import { findKey, type Signer, type TrustedIssuer, type TrustedKey } from './keyring.ts'
import { Refusal, type Reason } from './reasons.ts'
import type { Finding, Rules } from './rules.ts'
import type { Claims, DecodedToken } from './token.ts'

export interface VerifiedToken {
  readonly claims: Claims
  /** The payload's JSON exactly as it was signed. */
  readonly payloadText: string
  readonly issuer: string
  readonly keyId: string
  readonly key: TrustedKey
  /** From this instant on (ms since 1970) the token is refused; the leeway is in it. */
  readonly endMs: number
}

export interface TokenChecks {
  readonly decode: (text: string, maxBytes: number) => DecodedToken
  readonly checkHeader: typeof checkHeader
  readonly selectKey: (token: DecodedToken, issuers: readonly TrustedIssuer[]) => Signer
  readonly checkSignature: (token: DecodedToken, signer: Signer) => Promise<void> | void
  readonly rules: Rules
}

export interface TokenTerms {
  readonly issuers: readonly TrustedIssuer[]
  readonly requiredClaims: readonly string[]
  readonly leewaySeconds: number
  readonly maxBytes: number
  readonly maxLifetimeSeconds?: number | undefined
  readonly types?: readonly string[] | undefined
  readonly purposes?: Readonly<Record<string, readonly string[]>> | undefined
}

/** Throws a Refusal with the reason. `countSignatureCheck` is called once for each signature that is computed. */
export async function verifyToken(
  text: string,
  terms: TokenTerms,
  checks: TokenChecks,
  now: () => number,
  countSignatureCheck: () => void,
): Promise<VerifiedToken> {
  const token = checks.decode(text, terms.maxBytes)
  checks.checkHeader(token, terms.issuers)
  const signer = await findKey(token, terms.issuers, checks.selectKey)
  countSignatureCheck()
  await checks.checkSignature(token, signer)
  checkClaims(token, signer, terms, checks.rules, now())
  return trust(token, signer, terms)
}

function checkClaims({ claims, header }: DecodedToken, { issuer }: Signer, terms: TokenTerms, rules: Rules, nowMs: number): void {
  const { requiredClaims, leewaySeconds, maxLifetimeSeconds, types, purposes } = terms
  const limits = { requiredClaims, leewaySeconds, maxLifetimeSeconds, types, purposes }
  const findings = Object.values(rules).flatMap((rule) => rule({ claims, issuer, type: typeOf(header), nowMs, ...limits }))
  const [first, ...further] = findings
  if (first !== undefined) throw refuse(first, further, claims)
}

function typeOf(header: Claims): string | undefined {
  return textOf(header, 'typ')
    ?.toLowerCase()
    .replace(/^application\//, '')
}

function refuse(first: Finding, further: readonly Finding[], claims: Claims): Refusal {
  const also = [...new Set(further.map(({ reason }) => reason))].filter((reason): reason is Reason => reason !== first.reason)
  return new Refusal(first.reason, {
    ...(first.claim === undefined ? {} : { claim: first.claim }),
    ...(also.length === 0 ? {} : { also }),
    ...describe(claims),
  })
}

/** Who a token speaks of, for the audit log; only for tokens whose signature held. */
export function describe(claims: Claims): { readonly sub?: string; readonly tenant?: string } {
  const [sub, tenant] = [textOf(claims, 'sub'), textOf(claims, 'tenant_id')]
  return { ...(sub === undefined ? {} : { sub }), ...(tenant === undefined ? {} : { tenant }) }
}

/** A claim that is text. */
export function textOf(claims: Claims, name: string): string | undefined {
  const value = claims.get(name)
  return typeof value === 'string' ? value : undefined
}

function trust({ claims, payloadText }: DecodedToken, { issuer, key }: Signer, { leewaySeconds }: TokenTerms): VerifiedToken {
  const exp = claims.get('exp')
  const endMs = typeof exp === 'number' ? (exp + leewaySeconds) * 1000 : Number.POSITIVE_INFINITY
  return { claims, payloadText, issuer: issuer.issuer, keyId: key.id, key, endMs }
}
