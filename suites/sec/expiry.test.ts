/** A token that has ended opens nothing, also when it was good a moment ago. */
import { expect } from 'vitest'
import { spec } from '../kit.ts'

const refusal = [false, 'FATAL', '28000']

spec('SEC-002', async ({ stack, gateway, mint, prove }) => {
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const expired = await gateway.attempt(await mint({ expiredMinutesAgo: 10 }))
  const records = [expired.audit]
  await prove('expired', () => {
    expect([expired.ok, expired.severity, expired.sqlstate]).toEqual(refusal)
    expect(expired.backendsOpened).toBe(0)
  })
  if (stack.can('clock-shift').here) {
    const token = await mint({ ttlSeconds: 60 })
    const [first, second] = [await gateway.attempt(token), await gateway.attempt(token)]
    await shift(60 + stack.topology.gateway!.leewaySeconds + 5)
    const late = await gateway.attempt(token)
    await shift(0)
    records.push(late.audit)
    await prove('cached', () => {
      expect([first.ok, second.ok], 'while it was valid').toEqual([true, true])
      expect([late.ok, late.severity, late.sqlstate]).toEqual(refusal)
    })
  }
  await prove('audited', () => {
    for (const record of records) expect([record?.outcome, record?.reason]).toEqual(['refused', 'token_expired'])
  })
})
