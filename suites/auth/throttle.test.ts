/** Failed logins: after so many the source is shut out, without another look at what it brings. */
import { expect } from 'vitest'
import type { Trial } from '../kit.ts'
import { wish } from '../kit.ts'
import { blockMs, failures, limited } from '../sec/limited.ts'

const spec = wish(limited)
const shutOut = ['FATAL', '28000', 'too_many_failures']

type Bad = Pick<Trial<'AUTH-004'>, 'gateway' | 'mint'>

async function guess({ gateway, mint }: Bad, from: string, count: number): Promise<string[]> {
  const reasons: string[] = []
  for (let guess = 0; guess < count; guess++) {
    const { audit, ok } = await gateway.attempt(await mint({ alteredPayload: true }), { from })
    reasons.push(ok ? 'in' : (audit?.reason ?? 'unsaid'))
  }
  return reasons
}

spec('AUTH-004', async ({ stack, gateway, mint, prove }) => {
  const from = '127.0.4.1'
  const token = await mint()
  const verified = async () =>
    stack.can('gateway-metrics').here ? (await gateway.metrics()).get('orochi_gateway_token_verifications_total') : 0
  const guesses = await guess({ gateway, mint }, from, failures)
  const before = await verified()
  const last = await gateway.attempt(await mint({ alteredPayload: true }), { from })
  const good = await gateway.attempt(token, { from })
  const after = await verified()
  await prove('unverified', () => {
    expect(guesses).toEqual(Array(failures).fill('invalid_signature'))
    expect([last, good].map(({ audit }) => audit?.reason)).toEqual(['too_many_failures', 'too_many_failures'])
    expect(after - before, 'signatures that were checked').toBe(0)
  })
  if (!stack.can('clock-shift').here) return
  const shift = (ms: number) => stack.part('gateway-0').shiftClock!(ms)
  await shift(blockMs - 10_000)
  const still = await gateway.attempt(token, { from })
  await shift(blockMs + 1000)
  const later = await gateway.attempt(token, { from, query: 'select 1' })
  await shift(0)
  await prove('refused', () => {
    for (const { severity, sqlstate, audit } of [last, good, still]) expect([severity, sqlstate, audit?.reason]).toEqual(shutOut)
    expect(later.message ?? 'in', 'after the window').toBe('in')
  })
})

spec('AUTH-005', async ({ stack, gateway, mint, prove }) => {
  const from = '127.0.5.1'
  const mark = stack.part('gateway-0').logMark()
  const blocks = async () =>
    stack.can('gateway-metrics').here ? (await gateway.metrics()).get('orochi_gateway_addresses_blocked_total') : 0
  const before = await blocks()
  const guesses = await guess({ gateway, mint }, from, failures + 2)
  const again = await gateway.attempt(await mint({ claims: { sub: 'somebody-else' } }), { from })
  const other = await gateway.attempt(await mint(), { from: '127.0.5.2', query: 'select 1' })
  const raised = (await blocks()) - before
  await prove('locked', () => {
    expect(guesses.slice(failures)).toEqual(['too_many_failures', 'too_many_failures'])
    expect([again.severity, again.sqlstate, again.audit?.reason]).toEqual(shutOut)
    expect(other.message ?? 'in', 'another source').toBe('in')
  })
  await prove('alert', () => {
    const alerts = stack
      .part('gateway-0')
      .logSince(mark)
      .flatMap(({ text }) => (text.includes('"event":"blocked"') ? [JSON.parse(text) as Record<string, unknown>] : []))
    expect(alerts.map(({ level, address }) => [level, address])).toEqual([['warn', from]])
    expect(raised, 'orochi_gateway_addresses_blocked_total').toBe(1)
  })
})
