/** The public listener: TLS or nothing, and only what is strong today. */
import { connect as connectTls } from 'node:tls'
import { expect } from 'vitest'
import { makeAuthority } from '../../fixtures/certificates.ts'
import { answered, openProbe, openTlsProbe, type TlsWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'

const tlsOf = ({ door }: Stack, more: Partial<TlsWish> = {}): TlsWish => ({ ca: door.ca, servername: door.servername, ...more })

/** What a handshake came to: the version and the cipher, or `refused`. */
async function shake(stack: Stack, more: Partial<TlsWish>): Promise<string> {
  await using probe = await answered(openProbe(stack.door), 'a connection')
  expect(await answered(probe.askTls(), 'SSLRequest')).toBe('S')
  return await probe.secure(tlsOf(stack, more)).then(
    ({ protocol, cipher }) => `${protocol} ${cipher}`,
    (error: { code?: string }) => (error.code === 'tls' ? 'refused' : `failed: ${error.code}`),
  )
}

spec('TLS-001', async ({ stack, mint, prove }) => {
  const token = await mint()
  await prove('refused', async () => {
    for (const startup of [{}, { application_name: 'plain' }]) {
      await using probe = await openProbe(stack.door)
      const login = await probe.logIn({ user: stack.role, database: stack.door.database, password: token, startup })
      expect([login.ok, login.error?.severity, login.error?.sqlstate]).toEqual([false, 'FATAL', '28000'])
      expect(await probe.ended(5_000)).toBe('closed')
    }
  })
})

/** Security level 0 lets the client offer what OpenSSL has put away. */
const old = 'ALL:@SECLEVEL=0'

spec('TLS-002', async ({ stack, prove }) => {
  await prove('old', async () => {
    for (const version of ['TLSv1', 'TLSv1.1'] as const)
      expect(await shake(stack, { minVersion: version, maxVersion: version, ciphers: old }), version).toBe('refused')
  })
  await prove('recent', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      expect(await shake(stack, { minVersion: version, maxVersion: version }), version).toMatch(new RegExp(`^${version} `))
  })
})

spec('TLS-003', async ({ stack, psql, mint, caFile, prove }) => {
  const stranger = await makeAuthority('somebody else')
  await prove('refused', async () => {
    const refusal = { code: 'tls' }
    await expect(openTlsProbe(stack.door, tlsOf(stack, { ca: stranger.ca })), 'an unknown authority').rejects.toMatchObject(refusal)
    for (const servername of ['elsewhere.test', `${stack.door.servername}.elsewhere.test`, 'localhost.localdomain'])
      await expect(openTlsProbe(stack.door, tlsOf(stack, { servername })), servername).rejects.toMatchObject(refusal)
    expect(await shake(stack, {}), 'the right authority and the right name').toMatch(/^TLSv1/)
    if (!stack.can('psql').here) return
    const { code, stderr } = await psql('select 1', { token: await mint(), caFile: caFile() })
    expect([code, stderr], 'psql with the right authority').toEqual([0, ''])
  })
})

/** Suites without encryption, without authentication, with a broken cipher or a broken hash. */
const weak = ['eNULL', 'aNULL', 'ADH', 'AECDH', 'RC4', '3DES', 'DES', 'IDEA', 'SEED', 'EXPORT', 'MD5', 'PSK', 'kRSA']

spec('TLS-006', async ({ stack, prove }) => {
  await prove('none', async () => {
    const accepted: string[] = []
    for (const ciphers of weak.map((name) => `${name}:@SECLEVEL=0`).filter(isOffered)) {
      const outcome = await shake(stack, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers })
      if (outcome !== 'refused') accepted.push(`${ciphers}: ${outcome}`)
    }
    expect(accepted, accepted.join('; ')).toEqual([])
    expect(await shake(stack, {}), 'a strong suite').toMatch(/^TLSv1\.3 TLS_/)
  })
})

/** Whether this machine's OpenSSL still knows any suite of that kind; what it cannot offer it cannot try. */
function isOffered(ciphers: string): boolean {
  try {
    connectTls({ ciphers, lookup: () => {}, host: 'nowhere.test', port: 1 })
      .on('error', () => {})
      .destroy()
    return true
  } catch {
    return false
  }
}
