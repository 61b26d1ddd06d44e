/** A hundred clients at the same time. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'

const spec = wish({ pooler: { poolSize: 5 } })

const clients = 100

spec('CONN-012', async ({ gateway, mint, prove, measure }) => {
  const tokens = await Promise.all(
    Array.from({ length: clients }, (_, index) => mint({ claims: { sub: `user-${index}`, tenant_id: `tenant-${index % 7}` } })),
  )
  const started = performance.now()
  const attempts: readonly Attempt[] = await Promise.all(
    tokens.map((token, index) =>
      gateway.attempt(token, { query: `select ${index} as asked, orochi.user_id() as who, orochi.tenant_id() as tenant, pg_sleep(0.01)` }),
    ),
  )
  measure('crowd_served', performance.now() - started, 'ms')
  await prove('all', () => {
    expect(attempts.filter(({ ok }) => !ok).map(({ sqlstate, message }) => `${sqlstate} ${message}`)).toEqual([])
    for (const [index, { rows }] of attempts.entries())
      expect(rows?.[0]).toMatchObject({ asked: index, who: `user-${index}`, tenant: `tenant-${index % 7}` })
  })
})
