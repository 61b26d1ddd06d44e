/** What a token allows, by its claims `permissions` (a list) and `scope` (words, or a list): carried on into the session, signed. */
import type { Claims } from './token.ts'

export const permissionClaims = ['permissions', 'scope'] as const
export type PermissionClaim = (typeof permissionClaims)[number]

/** Each once, in order; undefined when the token has none of these claims: then it is not restricted, which an empty list is. */
export function permissionsOf(claims: Claims, from: readonly PermissionClaim[]): readonly string[] | undefined {
  const named = from.filter((claim) => claims.has(claim))
  if (named.length === 0) return undefined
  return [...new Set(named.flatMap((claim) => listOf(claims.get(claim))))].toSorted()
}

/** What is neither words nor a list of texts must not come out as a token without restrictions. */
export function arePermissions(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

function listOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
