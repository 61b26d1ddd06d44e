/** Who may replicate: a start-up packet that asks for it is for tokens that say so, and for nobody else. */
import type { ClientWishes } from './parameters.ts'
import { permissionsOf, type PermissionClaim } from './permissions.ts'
import { Refusal } from './reasons.ts'
import { describe, type VerifiedToken } from './verify.ts'

/** What a token's permissions must hold. A token without permissions is not restricted in what it may read; this it does not get by silence. */
export const replicationPermission = 'replication'

const off: ReadonlySet<string> = new Set(['false', 'off', 'no', '0', ''])
const on: ReadonlySet<string> = new Set(['true', 'on', 'yes', '1', 'database'])

/** The value of the start-up parameter when it asks for replication; null when it does not. */
export function readReplication(value = ''): string | null {
  const said = value.toLowerCase()
  if (off.has(said)) return null
  if (on.has(said)) return said
  throw new Refusal('bad_parameter', { parameter: 'replication' })
}

export type JudgeReplication = (token: VerifiedToken, wishes: ClientWishes, from: readonly PermissionClaim[]) => void

/** Throws a Refusal (42501). */
export const judgeReplication: JudgeReplication = (token, { replication }, from) => {
  if (replication === null || permissionsOf(token.claims, from)?.includes(replicationPermission) === true) return
  throw new Refusal('replication_not_allowed', describe(token.claims))
}
