import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GatewayConfig } from './config.ts'
import { configSchema } from './config.ts'
import { makeCertificate } from './testing/certificate.ts'
import { startFakeUpstream, usualGreeting } from './testing/fake-upstream.ts'
import { makeToken } from './testing/issuer.ts'
import { raiseStage } from './testing/stage.ts'
import { startTlsFront, type TlsFrontWish } from './testing/tls-front.ts'

const certificate = makeCertificate()
const client = makeCertificate()

/** What came of a login through a front that is reached as the configuration says. */
async function logInThrough(
  front: Partial<TlsFrontWish>,
  tls: Record<string, string>,
  serve?: Parameters<typeof startFakeUpstream>[0],
  change: (config: GatewayConfig) => GatewayConfig = (same) => same,
) {
  const dir = mkdtempSync(join(tmpdir(), 'gateway-tls-'))
  const file = (name: string, text: string) => (writeFileSync(join(dir, name), text), join(dir, name))
  const files = {
    ca: file('ca', certificate.cert),
    cert: file('cert', client.cert),
    key: file('key', client.key),
    other: file('other', client.cert),
  }
  await using upstream = await startFakeUpstream(serve)
  await using fronted = await startTlsFront({ certificate, target: upstream.port, ...front })
  const verify = Object.fromEntries(Object.entries(tls).map(([key, name]) => [key, (files as Record<string, string>)[name] ?? name]))
  await using stage = await raiseStage({
    change: (config) =>
      change({ ...config, upstream: { host: '127.0.0.1', port: fronted.port, database: 'orochi_0', tls: verify as { ca: string } } }),
  })
  try {
    const visitor = await stage.logIn(await makeToken())
    const last = (await visitor.until('ready-for-query')).at(-1)
    const outcome = last?.kind === 'ready-for-query' ? 'in' : await visitor.refusal()
    return { outcome, logins: stage.logins(), clear: fronted.clear(), certified: fronted.certified, seen: upstream.seen.length }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

test('a pooler whose certificate is the one we know is talked to within TLS, and nothing in the clear', async () => {
  const { outcome, clear, seen } = await logInThrough({}, { ca: 'ca' })
  expect([outcome, clear.length, seen]).toEqual(['in', 0, 1])
})

test.each<[string, Partial<TlsFrontWish>, Record<string, string>]>([
  ['declines', { answer: Buffer.from('N') }, { ca: 'ca' }],
  ['shows a certificate for another name', {}, { ca: 'ca', serverName: 'pooler.test' }],
  ['shows a certificate nobody signed', {}, { ca: 'other' }],
  ['breaks off after its S', { breaksOff: true }, { ca: 'ca' }],
  ['says more behind its S', { answer: Buffer.from('SR\0\0\0\x08\0\0\0\0', 'latin1') }, { ca: 'ca' }],
  ['answers with an error', { answer: Buffer.from('E\0\0\0\x05\0', 'latin1') }, { ca: 'ca' }],
  ['answers with something else', { answer: Buffer.from('HTTP/1.1 400') }, { ca: 'ca' }],
])('a pooler that %s: 08006, and nothing is said in the clear', async (_what, front, tls) => {
  const { outcome, logins, clear, seen } = await logInThrough(front, tls)
  expect([outcome, seen, clear.length]).toEqual(['08006', 0, 0])
  expect(logins).toMatchObject([{ reason: 'upstream_tls' }])
})

test('we show our certificate where one is wanted, and by it alone a role without password gets in', async () => {
  const lets: Parameters<typeof startFakeUpstream>[0] = async ({ send }) => send({ kind: 'authentication-ok' }, ...usualGreeting)
  const withoutPassword = (config: GatewayConfig) => configSchema.parse({ ...config, roles: [{ name: 'tenant_user', user: 'orochi_app' }] })
  const own = { ca: 'ca', cert: 'cert', key: 'key' }
  const by = await logInThrough({ clientCa: client.cert }, own, lets, withoutPassword)
  expect([by.outcome, by.certified]).toEqual(['in', [true]])
  const scram = await logInThrough({ clientCa: client.cert }, own)
  expect([scram.outcome, scram.certified]).toEqual(['in', [true]])
  const asked = await logInThrough(
    { clientCa: client.cert },
    own,
    async ({ send }) => send({ kind: 'authentication-cleartext' }),
    withoutPassword,
  )
  expect(asked.outcome).toBe('08001')
})
