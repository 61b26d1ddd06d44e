/** How many connections a tenant may have at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { wish } from '../kit.ts'

const places = 2
const few = 'tenant-few'
const deadlineMs = 8_000

const spec = wish({ gateway: { settings: { tenants: { [few]: { connections: places } } } } })

spec('SEC-143', async ({ mint, connect, gateway, prove }) => {
  const token = await mint({ claims: { tenant_id: few } })
  const open = [await connect({ token }), await connect({ token })]
  const beyond = await gateway.attempt(token)
  const other = await gateway.attempt(await mint(), { query: 'select 1' })
  await open[0]!.end()
  const end = performance.now() + deadlineMs
  let next = await gateway.attempt(token, { query: 'select 1' })
  for (; !next.ok && performance.now() < end; next = await gateway.attempt(token, { query: 'select 1' })) await sleep(50)
  await prove('limit', () => {
    expect(open).toHaveLength(places)
    expect([beyond.ok, beyond.severity, beyond.sqlstate, beyond.backendsOpened]).toEqual([false, 'FATAL', '53300', 0])
    expect(other.message ?? 'in', 'another tenant').toBe('in')
    expect(next.message ?? 'in', 'when one has left').toBe('in')
  })
})
