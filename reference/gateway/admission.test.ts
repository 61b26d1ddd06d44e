import { expect, test } from 'vitest'
import { judgeAdmission, type RoleCredential } from './admission.ts'
import type { RouteMap } from './routes.ts'
import { trustedKey } from './testing/issuer.ts'
import type { VerifiedToken } from './verify.ts'

const credential = (name: string, user: string, tenants?: string[]): RoleCredential => ({
  name,
  user,
  password: 'p',
  saltedCache: new Map(),
  tenants,
})
const roles = [credential('tenant_user', 'common'), credential('tenant_user', 'own', ['b', 'c']), credential('guest', 'guests', ['b'])]

const routes = { choose: () => ({ cluster: 'local', branch: 'main' }) } as unknown as RouteMap

function userOf(role: string, tenant: string | undefined): string {
  const claims = new Map(Object.entries({ role, ...(tenant === undefined ? {} : { tenant_id: tenant }) }))
  const token: VerifiedToken = { claims, payloadText: '', issuer: 'i', keyId: 'k', key: trustedKey, endMs: 1 }
  const wishes = {
    user: role,
    database: 'orochi',
    settings: new Map<string, string>(),
    replication: null,
    unknownOptions: [],
    hints: { host: null, options: null, database: null },
  }
  return judgeAdmission(token, wishes, { roles, databases: ['orochi'], routes }).role.user
}

test('a tenant with a credential of its own gets it, everybody else the common one', () => {
  expect(['a', 'b', 'c', undefined].map((tenant) => userOf('tenant_user', tenant))).toEqual(['common', 'own', 'own', 'common'])
})

test('a role for some tenants is unknown to the others', () => {
  expect(userOf('guest', 'b')).toBe('guests')
  expect(() => userOf('guest', 'a')).toThrow('unknown_role')
})
