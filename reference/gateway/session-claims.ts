/** What a session is told about its identity: one signed value the database verifies, and plain variables for convenience. */
import { createHmac } from 'node:crypto'
import { toAscii } from './json-text.ts'
import { permissionsOf, type PermissionClaim } from './permissions.ts'
import { Refusal } from './reasons.ts'
import type { Claims } from './token.ts'
import { describe, textOf, type VerifiedToken } from './verify.ts'

/** Start-up parameters, name to value. */
export type Variables = ReadonlyMap<string, string>

export interface ClaimsSeal {
  readonly keyId: string
  readonly key: Buffer
  readonly cluster: string
  /** The branch of a token that names none. */
  readonly branch: string
  /** Claims that tell what a token allows. */
  readonly permissionsFrom: readonly PermissionClaim[]
}

/** A start-up value beyond this is cut or garbled by poolers on the way. */
export const maxValueBytes = 4000

/** Poolers replay plain values as identifiers, which Postgres cuts at 63 bytes; and nothing here may need quoting anywhere. */
const plainValue = /^[A-Za-z0-9_.:@-]{1,63}$/

/** Everything a session is told. `dbRole` is the database role it will run as. Throws a Refusal when the claims do not fit. */
export function sessionVariables(token: VerifiedToken, dbRole: string, seal: ClaimsSeal): Variables {
  return new Map([...signedClaims(token, dbRole, seal), ...convenience(token, seal)])
}

/**
 * `orochi.claims`: the payload in base64url, its HMAC-SHA-256 and the key's name. The same token gives the same text, so the sessions of one
 * user can share server connections. Its `exp` is the instant at which the gateway itself would refuse the token, leeway included.
 */
export function signedClaims(token: VerifiedToken, dbRole: string, seal: ClaimsSeal): Variables {
  const payload = Buffer.from(JSON.stringify(payloadOf(token, dbRole, seal))).toString('base64url')
  const signature = createHmac('sha256', seal.key).update(payload).digest('base64url')
  return new Map([['orochi.claims', fitting(JSON.stringify({ p: payload, s: signature, k: seal.keyId }), token.claims)]])
}

function payloadOf({ claims, endMs }: VerifiedToken, dbRole: string, seal: ClaimsSeal): Record<string, unknown> {
  return {
    v: 1,
    sub: claims.get('sub'),
    tenant_id: claims.get('tenant_id'),
    branch: claims.get('branch_id') ?? seal.branch,
    cluster: seal.cluster,
    role: dbRole,
    exp: Math.floor(endMs / 1000),
    iat: claims.get('iat'),
    jti: claims.get('jti'),
    permissions: permissionsOf(claims, seal.permissionsFrom),
  }
}

/** Not to be trusted by anybody: whoever has a session can set these as he likes. */
export function convenience({ claims, payloadText }: VerifiedToken, { branch }: ClaimsSeal): Variables {
  return new Map([
    ['request.jwt.claims', fitting(toAscii(payloadText), claims)],
    ...['sub', 'role', 'email', 'tenant_id'].flatMap((claim) => plain(`request.jwt.claim.${claim}`, textOf(claims, claim))),
    ...plain('orochi.tenant_id', textOf(claims, 'tenant_id')),
    ...plain('orochi.user_id', textOf(claims, 'sub')),
    ...plain('orochi.branch_id', textOf(claims, 'branch_id') ?? branch),
  ])
}

function plain(name: string, value: string | undefined): [string, string][] {
  return value !== undefined && plainValue.test(value) ? [[name, value]] : []
}

function fitting(value: string, claims: Claims): string {
  if (Buffer.byteLength(value) > maxValueBytes) throw new Refusal('claims_too_large', describe(claims))
  return value
}
