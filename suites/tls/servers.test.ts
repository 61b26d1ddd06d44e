/** The pooler is told to verify its server, whose certificate then changes for the worse. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type pg from 'pg'
import { expect } from 'vitest'
import { makeAuthority, type Certificate } from '../../fixtures/certificates.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Attempt } from '../kit/gateway.ts'
import { wish } from '../kit.ts'

const limitMs = 30_000
const dayMs = 24 * 60 * 60 * 1000

const spec = wish({ pooler: { verifyServers: true, connectTimeoutMs: 1_500, waitTimeoutMs: 1_500 } })

/** What one client got, and the sessions that the server had of the pooler meanwhile: how many, and how many of them encrypted. */
interface Seen {
  readonly attempt: Attempt
  readonly sessions: number
  readonly encrypted: number
}

spec('TLS-004', async ({ stack, mint, gateway, connect, prove }) => {
  const authority = await makeAuthority('somebody else')
  const admin = await connect({ direct: 'server' })
  const token = await mint()
  const see = async (): Promise<Seen> => ({
    attempt: await gateway.attempt(token, { query: 'select 1 as one' }),
    ...(await sessionsOf(admin)),
  })
  const good = keep(stack)

  const first = await see()
  await prove('verified', () => {
    expect(first.attempt.rows ?? first.attempt.message).toEqual([{ one: 1 }])
    expect([first.sessions > 0, first.encrypted]).toEqual([true, first.sessions])
  })

  const bad: Record<string, Certificate> = {
    'another authority': await authority.issue(),
    'another host': await stack.issue({ names: ['elsewhere.test', '192.0.2.1'] }),
    'out of date': await stack.issue({ notBefore: new Date(Date.now() - 9 * dayMs), notAfter: new Date(Date.now() - 2 * dayMs) }),
  }
  const seen: Record<string, Seen> = {}
  try {
    for (const [what, certificate] of Object.entries(bad)) {
      await show(stack, certificate, admin)
      seen[what] = await see()
    }
    await prove('refused', () => {
      for (const [what, { attempt, sessions }] of Object.entries(seen)) expect([attempt.ok, sessions], what).toEqual([false, 0])
    })
    await encrypt(admin, false)
    const plain = await see()
    await prove('declined', () => expect([plain.attempt.ok, plain.sessions]).toEqual([false, 0]))
  } finally {
    await encrypt(admin, true)
    await show(stack, good, admin)
  }
  const again = await untilServed(see)
  await prove('again', () => {
    expect(again.attempt.rows ?? again.attempt.message).toEqual([{ one: 1 }])
    expect([again.sessions > 0, again.encrypted]).toEqual([true, again.sessions])
  })
})

async function untilServed(see: () => Promise<Seen>): Promise<Seen> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const seen = await see()
    if (seen.attempt.ok || performance.now() > deadline) return seen
    await sleep(100)
  }
}

const filesOf = (stack: Stack) => ['server.crt', 'server.key'].map((name) => join(stack.part('postgres-0').dir, name)) as [string, string]

function keep(stack: Stack): Certificate {
  const [certificate, privateKey] = filesOf(stack).map((file) => readFileSync(file, 'utf8')) as [string, string]
  return { certificate, privateKey }
}

/** From now on the server shows it, and has no session of the pooler. */
async function show(stack: Stack, certificate: Certificate, admin: pg.Client): Promise<void> {
  const [first, second] = filesOf(stack)
  writeFileSync(first, certificate.certificate)
  writeFileSync(second, certificate.privateKey)
  await admin.query('select pg_reload_conf()')
  const wanted = new X509Certificate(certificate.certificate).fingerprint256
  await until(async () => (await shownBy(stack)) === wanted, 'the server to show another certificate')
  await endSessions(admin)
}

/** Which certificate it is, whoever has signed it. */
async function shownBy(stack: Stack): Promise<string | undefined> {
  const socket = connectTcp(stack.server(0))
  try {
    socket.write(sslRequest)
    await once(socket, 'data')
    const secured = connectTls({ socket, rejectUnauthorized: false })
    await once(secured, 'secureConnect')
    return secured.getPeerX509Certificate()?.fingerprint256
  } finally {
    socket.destroy()
  }
}

const sslRequest = Buffer.from('0000000804d2162f', 'hex')

/** Whether the server offers encryption at all. */
async function encrypt(admin: pg.Client, wanted: boolean): Promise<void> {
  await admin.query(wanted ? 'alter system reset ssl' : 'alter system set ssl = off')
  await admin.query('select pg_reload_conf()')
  await until(async () => (await admin.query<{ ssl: string }>('show ssl')).rows[0]?.ssl === (wanted ? 'on' : 'off'), 'the server to change')
  await endSessions(admin)
}

async function endSessions(admin: pg.Client): Promise<void> {
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename like 'orochi%'`)
  await until(async () => (await sessionsOf(admin)).sessions === 0, 'the sessions of the pooler to be gone')
}

async function sessionsOf(admin: pg.Client): Promise<Omit<Seen, 'attempt'>> {
  const { rows } = await admin.query<{ sessions: number; encrypted: number }>(
    `select count(*)::int as sessions, count(*) filter (where ssl)::int as encrypted
     from pg_stat_activity join pg_stat_ssl using (pid) where usename like 'orochi%'`,
  )
  return rows[0]!
}

async function until(look: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what} in vain`)
    await sleep(20)
  }
}
