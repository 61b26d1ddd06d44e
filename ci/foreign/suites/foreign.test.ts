/** What foreign gateways are tried on. */
import { expect } from 'vitest'
import { encode, openProbe } from '../../../fixtures/probe.ts'
import { wish } from '../../../suites/kit.ts'

/** The clauses are those of the small catalogue, which the generated types do not know. */
type Trial = Parameters<Parameters<ReturnType<typeof wish>>[1]>[0]
type Loose = Omit<Trial, 'prove'> & { prove(clause: string, assertions: () => unknown): Promise<boolean> }
type LooseSpec = (id: string, body: (trial: Loose) => Promise<void>) => void

const spec = wish({}) as unknown as LooseSpec
const strict = wish({ gateway: { leewaySeconds: 7 } }) as unknown as LooseSpec

spec('SEC-001', async ({ stack, prove }) => {
  await using probe = await openProbe(stack.door, { deadlineMs: 3_000 })
  probe.send(encode.cancelRequest(7, Buffer.from('01020304', 'hex')))
  await prove('closed', async () => expect(['closed', 'reset']).toContain(await probe.ended()))
})

spec('SEC-002', async ({ gateway, mint, prove }) => {
  await prove('good', async () => expect(await gateway.attempt(await mint())).toMatchObject({ ok: true }))
  await prove('expired', async () => expect(await gateway.attempt(await mint({ expiredMinutesAgo: 10 }))).toMatchObject({ ok: false }))
})

spec('SEC-003', async ({ gateway, mint, prove }) => {
  const { audit } = await gateway.attempt(await mint())
  await prove('written', () => expect(audit).toMatchObject({ outcome: 'accepted' }))
})

strict('SEC-004', async ({ gateway, mint, prove }) => {
  const attempt = await gateway.attempt(await mint())
  await prove('asked', () => expect(attempt).toMatchObject({ ok: true }))
})
