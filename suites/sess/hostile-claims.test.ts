/** Claims whose text would be a statement anywhere but in a value. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { callWitness, hostileTexts } from '../sec/hostile.ts'

const spec = wish({ pooler: { poolSize: 1 } })

const readSql = `select current_setting('request.jwt.claims', true)::jsonb as claims, orochi.user_id() as verified, orochi.tenant_id() as tenant,
  coalesce(current_setting('request.jwt.claim.sub', true), '') as sub, coalesce(current_setting('request.jwt.claim.email', true), '') as email`

spec('SESS-008', async ({ gateway, mint, connect, prove }) => {
  await using witness = await callWitness(await connect({ direct: 'server' }))
  const attempts: { what: string; text: string; attempt: Attempt }[] = []
  for (const [what, text] of Object.entries({ ...hostileTexts, 'a NUL': 'user\0; --' })) {
    const token = await mint({ claims: { sub: text, email: text, branch_id: text, [text]: text } })
    attempts.push({ what, text, attempt: await gateway.attempt(token, { query: readSql }) })
  }
  const honest = await gateway.attempt(await mint({ claims: { sub: 'user-1' } }), { query: readSql })

  await prove('exact-text', () => {
    expect([honest.ok, honest.rows?.[0]?.['verified']], 'a session that comes after').toEqual([true, 'user-1'])
    for (const { what, text, attempt } of attempts) {
      if (attempt.ok) expectExact(what, text, attempt.rows?.[0] ?? {})
      else expect([attempt.severity ?? 'no answer', attempt.audit?.outcome], `${what}: ${attempt.message}`).toEqual(['FATAL', 'refused'])
    }
    expect(attempts.filter(({ attempt }) => attempt.ok).length, 'texts that came through').toBeGreaterThan(8)
  })
  await prove('nothing-executed', async () => {
    expect(await witness.marks(), 'statements that claims have run').toBe(0)
  })
})

/** A setting holds the text or is left out; it never holds something else. */
function expectExact(what: string, text: string, row: Readonly<Record<string, unknown>>): void {
  expect(row['claims'], what).toMatchObject({ sub: text, email: text, branch_id: text, [text]: text })
  expect([row['verified'], row['tenant']], what).toEqual([text, 'tenant-a'])
  for (const name of ['sub', 'email']) expect(['', text], `${what}: ${name}`).toContain(row[name])
}
