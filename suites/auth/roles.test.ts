/** What a good token does not give is refused by name: permission is lacking, not identity. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { openPlane } from '../wake/plane.ts'
import { withPools } from '../mt/pools.ts'

const spec = wish({ ...withPools, controlPlane: {} })

spec('AUTH-003', async ({ stack, gateway, mint, prove }) => {
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
  if (!stack.can('control-plane').here) return
  await using plane = await openPlane({ stack, mint })
  await prove('api', async () => {
    const [nobody, reader] = [`Bearer ${ofTenant}`, `Bearer ${await mint({ claims: { permissions: ['clusters:read'] } })}`]
    for (const authorization of [nobody, reader])
      for (const order of ['/suspend', '/wake', '/pooler/reload'])
        expect((await plane.ask('POST', order, { authorization })).status, `POST ${order}`).toBe(403)
    expect((await plane.ask('GET', '/status', { authorization: nobody })).status, 'to look').toBe(403)
    expect((await plane.ask('GET', '/status', { authorization: reader })).status, 'to look, with the permission for it').toBe(200)
    expect((await plane.status()).state, 'after all that').toBe('active')
  })
})
