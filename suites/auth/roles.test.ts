/** What a good token does not give is refused by name: permission is lacking, not identity. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { withPools } from '../mt/pools.ts'

const spec = wish(withPools)

spec('AUTH-003', async ({ gateway, mint, prove }) => {
  const ofTenant = await mint()
  const ofAdmin = await mint({ claims: { role: 'super_admin' } })
  await prove('listener', async () => {
    for (const [token, user] of [
      [ofTenant, 'super_admin'],
      [ofAdmin, 'tenant_user'],
      [ofTenant, 'orochi_admin'],
      [ofTenant, 'postgres'],
    ] as const) {
      const { ok, severity, sqlstate, audit, backendsOpened } = await gateway.attempt(token, { user, query: 'select 1' })
      expect([ok, severity, sqlstate], `as ${user}`).toEqual([false, 'FATAL', '42501'])
      expect([backendsOpened, audit?.outcome, audit?.reason], `as ${user}: connections to the pooler, and the record`).toEqual([
        0,
        'refused',
        'role_mismatch',
      ])
    }
    const good = await gateway.attempt(ofAdmin, { user: 'super_admin', query: 'select session_user as role' })
    expect(good.rows, 'with the token for it').toEqual([{ role: 'orochi_admin' }])
  })
})
