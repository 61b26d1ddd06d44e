/** No password is ever asked for in the clear. */
import pg from 'pg'
import { expect } from 'vitest'
import { openProbe } from '../../fixtures/probe.ts'
import { spec } from '../kit.ts'

spec('SEC-004', async ({ stack, mint, prove }) => {
  const token = await mint()
  const { host, port, database } = stack.door
  await prove('disabled', async () => {
    let asked = 0
    const password = () => (asked++, token)
    const client = new pg.Client({ host, port, database, user: stack.role, password, ssl: false, connectionTimeoutMillis: 10_000 })
    client.on('error', () => {})
    const outcome = await client.connect().then(
      () => 'connected',
      (error: { code?: string }) => error.code,
    )
    await client.end().catch(() => {})
    expect([outcome, asked], 'the outcome, and how often the password was asked for').toEqual(['28000', 0])
  })
  await prove('bare-startup', async () => {
    await using probe = await openProbe(stack.door)
    const login = await probe.logIn({ user: stack.role, database, password: token })
    expect([login.ok, login.asked, login.error?.severity, login.error?.sqlstate]).toEqual([false, 'none', 'FATAL', '28000'])
    expect(await probe.ended(5_000)).toBe('closed')
  })
})
