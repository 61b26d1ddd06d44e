/** What one address may do, and that it takes nothing from another. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { connects, limited, windowMs } from './limited.ts'

const spec = wish(limited)
const [greedy, modest] = ['127.0.6.1', '127.0.6.2']
const beyond = 5

spec('SEC-006', async ({ stack, gateway, mint, prove }) => {
  const token = await mint()
  const [first, second]: [Attempt[], Attempt[]] = [[], []]
  for (let knock = 0; knock < connects + beyond; knock++) {
    first.push(await gateway.attempt(token, { from: greedy }))
    if (knock % 2 === 0) second.push(await gateway.attempt(token, { from: modest, query: 'select 1' }))
  }
  if (stack.can('clock-shift').here) {
    const shift = (ms: number) => stack.part('gateway-0').shiftClock!(ms)
    await shift(windowMs / 2)
    first.push(await gateway.attempt(token, { from: greedy }))
    await shift(windowMs + 1000)
    const later = await gateway.attempt(token, { from: greedy })
    await shift(0)
    await prove('limited', () => {
      const fates = first.map(({ ok, severity, sqlstate, audit }) => (ok ? 'in' : [severity, sqlstate, audit?.reason].join(' ')))
      const refusal = 'FATAL 53300 too_many_connects'
      expect(fates).toEqual([...Array<string>(connects).fill('in'), ...Array<string>(beyond + 1).fill(refusal)])
      expect(first.at(-1)?.message, 'what the client is told').toMatch(/too many connections from this address/)
      expect(later.message ?? 'in', 'after the window').toBe('in')
    })
  }
  await prove('other', () => {
    expect(second.length).toBeLessThan(connects)
    expect(second.filter(({ ok }) => !ok).map(({ message }) => message)).toEqual([])
  })
})
