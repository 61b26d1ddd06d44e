/** Whether an identity may have the session it asks for, and which credential that session has towards the upstream. */
import type { ClientWishes } from './parameters.ts'
import { Refusal } from './reasons.ts'
import { describe, type VerifiedToken } from './verify.ts'

export interface RoleCredential {
  /** What a token calls it. */
  readonly name: string
  /** The database role. */
  readonly user: string
  readonly password: string
  /** Salted passwords by salt. */
  readonly saltedCache: Map<string, Buffer>
}

export interface AdmissionTerms {
  readonly roles: readonly RoleCredential[]
  readonly databases: readonly string[]
}

export interface Admission {
  readonly token: VerifiedToken
  readonly role: RoleCredential
}

/** Throws a Refusal: from outside they all look alike. */
export function judgeAdmission(token: VerifiedToken, wishes: ClientWishes, terms: AdmissionTerms): Admission {
  const named = token.claims.get('role')
  const role = terms.roles.find(({ name }) => name === named)
  if (role === undefined) throw new Refusal('unknown_role', describe(token.claims))
  if (wishes.user !== named) throw new Refusal('role_mismatch', describe(token.claims))
  if (!terms.databases.includes(wishes.database)) throw new Refusal('unknown_database', describe(token.claims))
  return { token, role }
}
