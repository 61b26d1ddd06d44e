/** Whether an identity may have the session it asks for, and which credential that session has towards the upstream. */
import type { SaltedCache } from '../wire/index.ts'
import type { ClientWishes } from './parameters.ts'
import { Refusal } from './reasons.ts'
import type { Route, RouteMap } from './routes.ts'
import { describe, textOf, type VerifiedToken } from './verify.ts'

export interface RoleCredential {
  /** What a token calls it. */
  readonly name: string
  /** The database role. */
  readonly user: string
  /** Undefined: our certificate alone is the credential. */
  readonly password?: string | undefined
  /** Only for these tenants; absent: for all that have none of their own. */
  readonly tenants?: readonly string[] | undefined
  /** Salted passwords by salt. */
  readonly saltedCache: SaltedCache
}

export interface AdmissionTerms {
  readonly roles: readonly RoleCredential[]
  readonly databases: readonly string[]
  readonly routes: RouteMap
}

export interface Admission {
  readonly token: VerifiedToken
  readonly role: RoleCredential
  readonly route: Route
}

/** Throws a Refusal: from outside they all look alike. */
export function judgeAdmission(token: VerifiedToken, wishes: ClientWishes, terms: AdmissionTerms): Admission {
  const named = token.claims.get('role')
  const ofName = terms.roles.filter(({ name }) => name === named)
  const tenant = textOf(token.claims, 'tenant_id') ?? ''
  const role = ofName.find(({ tenants }) => tenants?.includes(tenant)) ?? ofName.find(({ tenants }) => tenants === undefined)
  if (role === undefined) throw new Refusal('unknown_role', describe(token.claims))
  if (wishes.user !== named) throw new Refusal('role_mismatch', describe(token.claims))
  if (!terms.databases.includes(wishes.database)) throw new Refusal('unknown_database', describe(token.claims))
  return { token, role, route: terms.routes.choose(token, wishes.hints) }
}
