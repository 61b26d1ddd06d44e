/** The gateway towards its pooler over TLS: verified, or not at all. */
import { expect } from 'vitest'
import { makeAuthority } from '../../fixtures/certificates.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { openBackend, sslRequest, type BackendScript } from './tls-backend.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The gateway's upstream is the backend until it is disposed, and must be verified. */
function leadTo(stack: Stack, port: number, ca: string): Promise<AsyncDisposable> {
  const tls = { ca: 'backend-ca.crt', serverName: 'pooler.test' }
  const apply = (config: Record<string, unknown>) => ({
    ...config,
    upstream: { host: '127.0.0.1', port, database: stack.door.database, tls },
  })
  return reconfigure(stack, { files: { 'backend-ca.crt': ca }, apply })
}

interface Met {
  readonly attempt: Attempt
  readonly heard: Buffer
  readonly secured: number
}

spec('SEC-140', async ({ stack, gateway, mint, prove }) => {
  const authority = await makeAuthority('the pooler’s')
  const stranger = await makeAuthority('somebody else')
  const right = await authority.issue({ names: ['pooler.test'] })
  const token = await mint()
  const meet = async (script: Partial<BackendScript>): Promise<Met> => {
    await using backend = await openBackend({ pooler: stack.pooler, certificate: right, ...script })
    await using _led = await leadTo(stack, backend.port, authority.ca)
    const attempt = await gateway.attempt(token, { query: 'select 1 as one' })
    return { attempt, heard: backend.heard(), secured: backend.secured() }
  }
  const past = { notBefore: new Date(Date.now() - 9 * dayMs), notAfter: new Date(Date.now() - 2 * dayMs) }
  const met = {
    good: await meet({}),
    'wrong-name': await meet({ certificate: await authority.issue({ names: ['elsewhere.test', '127.0.0.1'] }) }),
    'unknown-authority': await meet({ certificate: await stranger.issue({ names: ['pooler.test'] }) }),
    expired: await meet({ certificate: await authority.issue({ names: ['pooler.test'], ...past }) }),
    declined: await meet({ answer: Buffer.from('N') }),
    closed: await meet({ closes: true }),
    stuffed: await meet({ answer: Buffer.from('SR\0\0\0\x08\0\0\0\0', 'latin1') }),
  }

  await prove('good', () => {
    const { attempt, secured } = met.good
    expect([attempt.ok, attempt.rows, secured], attempt.message).toEqual([true, [{ one: 1 }], 1])
  })
  for (const clause of ['wrong-name', 'unknown-authority', 'expired', 'declined', 'closed', 'stuffed'] as const)
    await prove(clause, () => {
      const { ok, severity, sqlstate } = met[clause].attempt
      expect([ok, severity, sqlstate], met[clause].attempt.message).toEqual([false, 'FATAL', '08006'])
    })
  await prove('nothing-clear', () => {
    for (const [what, { heard }] of Object.entries(met)) {
      expect(heard.subarray(0, sslRequest.length), `${what}: the request`).toEqual(sslRequest)
      const further = heard.subarray(sslRequest.length)
      if (further.length > 0) expect(further[0], `${what}: a TLS record`).toBe(0x16)
      for (const word of [stack.app(0).user, 'orochi.claims', 'SCRAM']) expect(heard.includes(word), `${what}: ${word}`).toBe(false)
    }
    for (const what of ['declined', 'stuffed'] as const) expect(met[what].heard.length, what).toBe(sslRequest.length)
  })
  await prove('audited', () => {
    for (const [what, { attempt }] of Object.entries(met)) if (what !== 'good') expect(attempt.audit?.reason, what).toBe('upstream_tls')
  })
})
