/** The whole system against bad tokens: nothing gets in, nothing reaches a database, and a record says so. */
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { spec } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'

type Tried = { readonly what: string; readonly token: string; readonly attempt: Attempt }

const reasons: Readonly<Record<string, string>> = {
  tampered: 'invalid_signature',
  unsigned: 'unsupported_algorithm',
  'wrongly keyed': 'invalid_signature',
}

spec('SEC-001', async ({ stack, gateway, mint, connect, prove }) => {
  const direct = await connect({ direct: 'server' })
  const tokens: readonly (readonly [string, string])[] = [
    ['tampered', await mint({ alteredPayload: true })],
    ['tampered', (await mint()).replace(/[^.]{6}$/, 'AAAAAA')],
    ['unsigned', await mint({ forgery: 'none' })],
    ['unsigned', await mint({ forgery: 'none', header: { alg: 'NoNe' } })],
    ['unsigned', await mint({ forgery: 'none', header: { alg: undefined } })],
    ['wrongly keyed', await mint({ signedBy: (await makeKeyPair()).privateKeyPem })],
    ['wrongly keyed', await mint({ forgery: 'hs256-with-public-key' })],
  ]
  const logMark = stack.part('gateway-0').logMark()
  const sessions = 'select count(*)::int as sessions from pg_stat_activity where usename = $1'
  const before = (await direct.query<{ sessions: number }>(sessions, [stack.app(0).user])).rows[0]?.sessions
  const tried: Tried[] = []
  for (const [what, token] of tokens) tried.push({ what, token, attempt: await gateway.attempt(token, { query: 'select 1' }) })
  const after = (await direct.query<{ sessions: number }>(sessions, [stack.app(0).user])).rows[0]?.sessions

  await prove('refused', () => {
    for (const { what, attempt } of tried)
      expect([attempt.ok, attempt.severity, attempt.sqlstate], `${what}: ${attempt.message}`).toEqual([false, 'FATAL', '28000'])
    expect(new Set(tried.map(({ attempt }) => attempt.message)).size, 'wordings of the refusals').toBe(1)
  })
  await prove('nothing-reached', () => {
    for (const { what, attempt } of tried) expect(attempt.backendsOpened, what).toBe(0)
    expect(after, 'sessions of the pooled role on the server').toBe(before)
  })
  await prove('audited', () => {
    for (const { what, attempt } of tried) {
      expect(attempt.audit?.outcome, what).toBe('refused')
      expect(Object.values(reasons), `${what}: its reason`).toContain(attempt.audit?.reason)
    }
    const records = gateway.auditSince(logMark)
    expect(records.filter(({ outcome }) => outcome === 'refused').length, 'records of refusals').toBe(tokens.length)
  })
  await prove('no-token', () => {
    const written = stack
      .part('gateway-0')
      .logSince(logMark)
      .map(({ text }) => text)
      .join('\n')
    for (const { what, token } of tried)
      for (const piece of token.split('.').filter((part) => part.length >= 12))
        expect(written.includes(piece), `${what}: a piece of the token`).toBe(false)
  })
})
