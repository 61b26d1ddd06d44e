/** A new certificate is put in its place while sessions are open. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { makeAuthority } from '../../fixtures/certificates.ts'
import { answered, openTlsProbe, type LoginOutcome } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'

const limitMs = 10_000

/** As an operator does it: the files are replaced, and the gateway is told. */
async function rotate(stack: Stack, files: Readonly<Record<string, string>>): Promise<void> {
  const gateway = stack.part('gateway-0')
  for (const [name, content] of Object.entries(files)) writeFileSync(join(gateway.dir, name), content, { mode: 0o600 })
  await gateway.kill!('SIGHUP')
}

const shown = ({ door }: Stack, ca: string) => openTlsProbe(door, { ca, servername: door.servername })

/** Null as long as the certificate shown is not of this authority. */
async function logInBy(stack: Stack, ca: string, token: string): Promise<LoginOutcome | null> {
  const probe = await shown(stack, ca).catch(() => null)
  if (probe === null) return null
  await using held = probe
  return await held.logIn({ user: 'tenant_user', database: stack.door.database, password: token })
}

async function until<T>(look: () => Promise<T | null>): Promise<T | null> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== null || performance.now() > deadline) return found
    await sleep(50)
  }
}

spec('TLS-007', async ({ stack, connect, mint, gateway, prove }) => {
  const dir = stack.part('gateway-0').dir
  const before = Object.fromEntries(['tls.crt', 'tls.key'].map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
  const authority = await makeAuthority('the next authority')
  const next = await authority.issue()
  const startOf = async () => (await gateway.metrics()).get('process_start_time_seconds')
  const [token, start] = [await mint(), await startOf()]
  const [resting, busy] = [await connect(), await connect()]
  await resting.query('select 1')
  await busy.query('begin')

  await rotate(stack, { 'tls.crt': next.certificate, 'tls.key': next.privateKey })
  try {
    const first = await until(() => logInBy(stack, authority.ca, token))
    await prove('new-sessions', async () => {
      expect(first).toMatchObject({ ok: true })
      await expect(shown(stack, stack.door.ca), 'the certificate before').rejects.toMatchObject({ code: 'tls' })
    })
    await prove('open-sessions', async () => {
      const one = { rows: [{ one: 1 }] }
      expect(await answered(resting.query('select 1 as one'), 'a session at rest')).toMatchObject(one)
      expect(await answered(busy.query('select 1 as one'), 'a session in a transaction')).toMatchObject(one)
      await answered(busy.query('commit'), 'its commit')
    })
    await prove('no-restart', async () => expect(await startOf()).toBe(start))
  } finally {
    await rotate(stack, before)
    await until(() => logInBy(stack, stack.door.ca, token))
  }
})
