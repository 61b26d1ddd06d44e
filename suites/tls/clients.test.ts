/** Certificates of clients: who has none or a bad one is refused before a token is asked for, and a token is for its own certificate alone. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import pg from 'pg'
import { expect } from 'vitest'
import { makeAuthority, type Certificate } from '../../fixtures/certificates.ts'
import { encode, openTlsProbe, type LoginOutcome } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import { doorConfig } from '../kit/gateway.ts'

const dayMs = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * dayMs)

const [authority, namesake] = [await makeAuthority('clients'), await makeAuthority('clients')]
const client = { names: ['client.test'], purpose: 'client' } as const
const [right, other, revoked] = [await authority.issue(client), await authority.issue(client), await authority.issue(client)]

const spec = wish({
  gateway: {
    files: { 'clients.crt': authority.ca, 'clients.crl': await authority.revoke(revoked) },
    settings: {
      tls: {
        cert: '{file:tls.crt}',
        key: '{file:tls.key}',
        clientCertificate: 'required',
        clientCa: '{file:clients.crt}',
        clientCrl: '{file:clients.crl}',
        tokenBinding: 'required',
      },
    },
  },
})

type Means = Pick<Trial<'SEC-139'>, 'stack' | 'mint'>

const boundTo = ({ certificate }: Certificate) => ({
  claims: { cnf: { 'x5t#S256': createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url') } },
})

/** How a login by this token goes for who shows this certificate. */
async function logIn({ stack }: Means, token: string, own: Certificate | null): Promise<LoginOutcome> {
  const { door } = stack
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername, ...(own && { own }) })
  return await probe.logIn({ user: stack.role, database: door.database, password: token })
}

/** 'in', or how it was refused, and whether a token was asked for. */
const fateOf = ({ ok, asked, error, trouble }: LoginOutcome): string =>
  ok ? 'in' : `${error?.severity ?? trouble?.code ?? 'no answer'} ${error?.sqlstate ?? ''} asked: ${asked}`

const unasked = 'FATAL 28000 asked: none'
const asked = 'FATAL 28000 asked: cleartext'

const messageOf = (error: unknown) => (error as Error).message

spec('TLS-005', async ({ stack, mint, prove }) => {
  const token = await mint(boundTo(right))
  const stranger = await namesake.issue(client)
  await prove('none', async () => expect(fateOf(await logIn({ stack, mint }, token, null))).toBe(unasked))
  await prove('wrong', async () => expect(fateOf(await logIn({ stack, mint }, await mint(boundTo(stranger)), stranger))).toBe(unasked))
  await prove('right', async () => {
    const config = doorConfig(stack, token)
    const driver = new pg.Client({ ...config, ssl: { ...(config.ssl as object), cert: right.certificate, key: right.privateKey } })
    expect(await driver.connect().then(() => null, messageOf), 'a login with the right one').toBeNull()
    const { rows } = await driver.query<{ tenant: string }>('select orochi.tenant_id() as tenant')
    await driver.end()
    expect(rows).toEqual([{ tenant: 'tenant-a' }])
  })
})

/** A TLS stream of Node's own, for what the probe has no word for. */
async function openStream({ door }: Stack, options: object): Promise<TLSSocket> {
  const socket = connectTcp(door.port, door.host)
  socket.write(encode.sslRequest())
  await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })
  const own = { cert: right.certificate, key: right.privateKey }
  const secured = connectTls({ socket, ca: door.ca, servername: door.servername, ...own, ...options })
  await once(secured, 'secureConnect', { signal: AbortSignal.timeout(5_000) }).catch((cause: unknown) => {
    socket.destroy()
    throw cause
  })
  return secured
}

async function renegotiate(stack: Stack): Promise<string> {
  const secured = await openStream(stack, { maxVersion: 'TLSv1.2' })
  const failed = once(secured, 'error').then(([error]: { code?: string }[]) => `refused: ${error?.code}`)
  const closed = once(secured, 'close').then(() => 'closed')
  const done = new Promise<string>((resolve) => secured.renegotiate({}, (error) => resolve(error === null ? 'done' : 'refused')))
  const outcome = await Promise.race([failed, closed, done])
  secured.destroy()
  return outcome
}

/** Whether a client that took part in one session may go on with it on another connection. */
async function isResumed(stack: Stack, token: string, maxVersion: string): Promise<boolean> {
  const first = await openStream(stack, { maxVersion })
  const sessions: Buffer[] = []
  first.on('session', (session: Buffer) => void sessions.push(session))
  // With TLS 1.3 a ticket comes along with the first bytes after the handshake.
  first.write(encode.startup({ user: stack.role, database: stack.door.database }))
  await once(first, 'data', { signal: AbortSignal.timeout(5_000) })
  first.write(encode.password(token))
  await once(first, 'data', { signal: AbortSignal.timeout(5_000) })
  const session = sessions.at(-1) ?? first.getSession()
  first.destroy()
  const second = await openStream(stack, { maxVersion, session })
  const resumed = second.isSessionReused()
  second.destroy()
  return resumed
}

spec('SEC-139', async ({ stack, mint, prove }) => {
  const means = { stack, mint }
  const fateWith = async (own: Certificate | null) => fateOf(await logIn(means, await mint(boundTo(own ?? right)), own))
  const token = await mint(boundTo(right))
  await prove('old', async () => {
    for (const version of ['TLSv1', 'TLSv1.1'])
      await expect(openStream(stack, { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }), version).rejects.toThrow()
  })
  await prove('renegotiation', async () => expect(await renegotiate(stack)).toMatch(/^refused|^closed/))
  await prove('resumption', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) expect(await isResumed(stack, token, version), version).toBe(false)
  })
  await prove('missing', async () => expect(await fateWith(null)).toBe(unasked))
  await prove('expired', async () => {
    expect(await fateWith(await authority.issue({ ...client, notBefore: inDays(-9), notAfter: inDays(-1) }))).toBe(unasked)
    expect(await fateWith(await authority.issue({ ...client, notBefore: inDays(1), notAfter: inDays(9) }))).toBe(unasked)
  })
  await prove('revoked', async () => expect(await fateWith(revoked)).toBe(unasked))
  await prove('foreign', async () => expect(await fateWith(await namesake.issue(client))).toBe(unasked))
  await prove('purpose', async () => expect(await fateWith(await authority.issue({ ...client, purpose: 'server' }))).toBe(unasked))
  await prove('bound', async () => {
    expect(fateOf(await logIn(means, token, other))).toBe(asked)
    expect(fateOf(await logIn(means, token, right)), 'with its own certificate').toBe('in')
  })
  await prove('unbound', async () => expect(fateOf(await logIn(means, await mint(), right))).toBe(asked))
})
