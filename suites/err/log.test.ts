/** What the log says of logins that fail: each with its reason, none with a token, a password or a key. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { encode, openProbe, openTlsProbe, type LoginWish, type Probe } from '../../fixtures/probe.ts'
import type { Overrides } from '../../fixtures/tokens.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec, type Trial } from '../kit.ts'
import type { AuditRecord } from '../kit/gateway.ts'

type Ways = Pick<Trial<'ERR-006'>, 'stack' | 'gateway' | 'mint'>

/** One way to fail: the reason it must be recorded with, what is presented as password, and how. */
interface Failure {
  readonly what: string
  readonly reason: string
  readonly secret: string
  readonly login: (stack: Stack, secret: string) => Promise<unknown>
}

const secured = ({ door }: Stack) => openTlsProbe(door, { ca: door.ca, servername: door.servername })

/** An ordinary login with this for a password, and other wishes if any. */
const logIn =
  (wishes: Partial<LoginWish> = {}) =>
  async (stack: Stack, secret: string) => {
    await using probe = await secured(stack)
    await probe.logIn({ user: 'tenant_user', database: stack.door.database, password: secret, ...wishes })
  }

/** A secret in the place of a name. */
const misplaced = (place: (secret: string) => Partial<LoginWish>) => (stack: Stack, secret: string) => logIn(place(secret))(stack, secret)

async function logInPlainly(stack: Stack, secret: string): Promise<void> {
  await using probe = await openProbe(stack.door)
  await probe.logIn({ user: 'tenant_user', database: stack.door.database, password: secret })
}

/** A query where the password belongs. */
async function askAtOnce(stack: Stack, secret: string): Promise<void> {
  await using probe: Probe = await secured(stack)
  probe.send(encode.startup({ user: 'tenant_user', database: stack.door.database }))
  await probe.read()
  await probe.query(`select '${secret}'`, 5_000)
}

/** Tokens with one fault each, presented in the ordinary way. */
async function faultyTokens({ stack, mint }: Ways): Promise<readonly Failure[]> {
  const stranger = await makeKeyPair()
  const now = Math.floor(Date.now() / 1000)
  const faults: Readonly<Record<string, Overrides>> = {
    token_expired: { expiredMinutesAgo: 10 },
    token_not_yet_valid: { claims: { nbf: now + 1800 } },
    invalid_signature: { signedBy: stranger.privateKeyPem },
    missing_claim: { claims: { sub: undefined } },
    invalid_issuer: { claims: { iss: 'https://issuer.elsewhere.test' } },
    invalid_audience: { claims: { aud: `${stack.issuer.audience}-2` } },
    unsupported_algorithm: { forgery: 'none' },
    unknown_key: { header: { kid: 'k-of-a-stranger' } },
    token_too_large: { claims: { note: 'x'.repeat(70_000) } },
    malformed_token: { header: { typ: 'nothing we know' } },
  }
  const failures = []
  for (const [reason, overrides] of Object.entries(faults))
    failures.push({ what: `a token that makes ${reason}`, reason, secret: await mint(overrides), login: logIn() })
  return failures
}

/** Good tokens, used wrongly; and what is no token. */
async function misuses({ mint }: Ways): Promise<readonly Failure[]> {
  const token = await mint()
  const [header, payload] = token.split('.')
  const claims = { role: 'nobody_we_know' }
  return [
    { what: 'half a token', reason: 'malformed_token', secret: `${header}.${payload}`, login: logIn() },
    { what: 'a password', reason: 'malformed_token', secret: 'correct-horse-battery-staple', login: logIn() },
    { what: 'nothing', reason: 'no_password', secret: '', login: logIn() },
    { what: 'a role nobody knows', reason: 'unknown_role', secret: await mint({ claims }), login: logIn({ user: claims.role }) },
    { what: 'another role', reason: 'role_mismatch', secret: token, login: logIn({ user: 'somebody_else' }) },
    { what: 'another database', reason: 'unknown_database', secret: token, login: logIn({ database: 'elsewhere' }) },
    {
      what: 'a claim of the client’s',
      reason: 'forbidden_parameter',
      secret: token,
      login: logIn({ startup: { 'orochi.tenant_id': 'b' } }),
    },
    { what: 'no TLS', reason: 'tls_required', secret: token, login: logInPlainly },
    { what: 'a query for a password', reason: 'protocol_violation', secret: token, login: askAtOnce },
    { what: 'a token as user', reason: 'role_mismatch', secret: token, login: misplaced((user) => ({ user })) },
    { what: 'a token as database', reason: 'unknown_database', secret: token, login: misplaced((database) => ({ database })) },
    { what: 'a token as value', reason: 'bad_parameter', secret: token, login: misplaced((text) => ({ startup: { TimeZone: text } })) },
    {
      what: 'a token as name',
      reason: 'unsupported_parameter',
      secret: token,
      login: misplaced((text) => ({ startup: { [text]: 'on' } })),
    },
  ]
}

/** The records that one login leaves; the last may come a moment after the client has its answer. */
async function recordsOf({ stack, gateway }: Ways, { login, secret }: Failure): Promise<readonly AuditRecord[]> {
  const mark = gateway.mark()
  await login(stack, secret)
  const deadline = performance.now() + 3_000
  while (gateway.auditSince(mark).length === 0 && performance.now() < deadline) await sleep(10)
  return gateway.auditSince(mark)
}

/** By what they are, texts of which nothing may show: the two ends of each piece of a token, so that one cut short is found as well. */
function piecesOf({ what, secret }: Failure): readonly (readonly [string, string])[] {
  const pieces = secret.split('.').filter((piece) => piece.length >= 24)
  const ends = pieces.flatMap((piece) => [piece.slice(0, 24), piece.slice(-24)])
  return ends.map((end) => [`the secret of: ${what}`, end] as const)
}

/** Every password and key that is in use in the stack. */
function keysOf(stack: Stack): readonly (readonly [string, string])[] {
  const { dir } = stack.part('gateway-0')
  const { claims } = parse(readFileSync(join(dir, 'gateway.yaml'), 'utf8')) as { readonly claims: { readonly key: string } }
  const lines = (what: string, file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.length >= 24 && !line.startsWith('-----'))
      .map((line) => [what, line] as const)
  return [
    ['the password towards the pooler', stack.pooler.password],
    ['the password of the pooled role', stack.app(0).password],
    ['the superuser’s password', stack.server(0).password],
    ['the key of the claims', claims.key],
    ...lines('the issuer’s private key', stack.issuer.privateKeyFile),
    ...lines('the private key of the certificate', join(dir, 'tls.key')),
  ]
}

function findShown(text: string, secrets: readonly (readonly [string, string])[]): readonly string[] {
  return [...new Set(secrets.filter(([, secret]) => text.includes(secret)).map(([what]) => what))]
}

spec('ERR-006', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const failures = [...(await faultyTokens(trial)), ...(await misuses(trial))]
  const seen: { failure: Failure; records: readonly AuditRecord[] }[] = []
  for (const failure of failures) seen.push({ failure, records: await recordsOf(trial, failure) })
  const good = await gateway.attempt(await mint())

  await prove('recorded', () => {
    for (const { failure, records } of seen) {
      const told = records.map(({ outcome, reason }) => `${outcome}: ${reason}`)
      expect(told, failure.what).toEqual([`refused: ${failure.reason}`])
    }
    expect(new Set(failures.map(({ reason }) => reason)).size, 'kinds of failure').toBeGreaterThanOrEqual(15)
    expect(good.audit, 'a login that does not fail').toMatchObject({ outcome: 'accepted' })
  })
  await prove('no-secrets', () => {
    const secrets = [...failures.flatMap(piecesOf), ...keysOf(stack)]
    expect(
      secrets.every(([, secret]) => secret.length >= 12),
      'secrets long enough to be looked for',
    ).toBe(true)
    for (const file of stack.logFiles) expect(findShown(readFileSync(file, 'utf8'), secrets), `secrets that show in ${file}`).toEqual([])
    const [gatewayLog = ''] = stack.logFiles
      .filter((file) => file === stack.part('gateway-0').logFile)
      .map((file) => readFileSync(file, 'utf8'))
    expect(gatewayLog.split('\n').length, 'lines of the gateway’s log').toBeGreaterThan(failures.length)
  })
})
