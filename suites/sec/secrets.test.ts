/** Tokens in places where they should not be: logs, metrics, environments, error texts, statements, names. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { openTlsProbe, type LoginOutcome, type LoginWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import { canariesOf, filesOf, findCanaries, logOf, metricsOf, shownByProcess, type Canary } from './canaries.ts'

/** Everything that could tell is asked to tell as much as it can. */
const spec = wish({
  gateway: { settings: { log: { level: 'debug' } } },
  postgres: { settings: { log_statement: 'all', log_connections: 'on', log_duration: 'on' } },
})

type Ways = Pick<Trial<'SEC-117'>, 'stack' | 'gateway' | 'mint'>

async function logIn({ door, role }: Stack, password: string, wishes: Partial<LoginWish> = {}): Promise<LoginOutcome> {
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const outcome = await probe.logIn({ user: role, database: door.database, password, ...wishes })
  if (outcome.ok) probe.quit()
  return outcome
}

/** Tokens good and bad; the bad ones are refused, each for a reason of its own. */
async function mintCanaries({ mint }: Ways): Promise<Readonly<Record<string, string>>> {
  const stranger = await makeKeyPair()
  const [header, payload] = (await mint()).split('.')
  return {
    'a good token': await mint(),
    'an expired token': await mint({ expiredMinutesAgo: 10 }),
    'a forged token': await mint({ signedBy: stranger.privateKeyPem }),
    'an unsigned token': await mint({ forgery: 'none' }),
    'a token without tenant': await mint({ claims: { tenant_id: undefined } }),
    'a token by an unknown key': await mint({ header: { kid: 'k-of-a-stranger' } }),
    'a token that is too large': await mint({ claims: { note: 'x'.repeat(70_000) } }),
    'claims that are too large': await mint({ claims: { note: 'x'.repeat(5_000) } }),
    'half a token': `${header}.${payload}`,
  }
}

/** Where people put a token by mistake. */
const places: Readonly<Record<string, (token: string) => Partial<LoginWish>>> = {
  'for a user': (user) => ({ user }),
  'for a database': (database) => ({ database }),
  'for an application': (application_name) => ({ startup: { application_name } }),
  'for a time zone': (TimeZone) => ({ startup: { TimeZone } }),
  'for a parameter': (name) => ({ startup: { [name]: 'on' } }),
  'among options': (token) => ({ startup: { options: `-c application_name=${token}` } }),
  'for options': (options) => ({ startup: { options } }),
}

spec('SEC-117', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const marks = new Map(stack.parts().map((part) => [part, part.logMark()]))
  const tokens = await mintCanaries(trial)
  const told: string[] = []
  for (const token of Object.values(tokens)) {
    const attempt = await gateway.attempt(token, { query: 'select 117' })
    const raw = await logIn(stack, token)
    told.push(attempt.message ?? '', ...Object.values(raw.error?.fields ?? {}), ...[...raw.parameters].flat())
  }
  const misplaced: Record<string, string> = {}
  for (const [place, wishesFor] of Object.entries(places)) {
    const token = await mint()
    misplaced[`a token ${place}`] = token
    const { error, parameters } = await logIn(stack, token, wishesFor(token))
    told.push(...Object.values(error?.fields ?? {}), ...[...parameters].flat())
  }
  const last = await gateway.attempt(await mint(), { query: 'select 117' })
  const canaries = canariesOf({ ...tokens, ...misplaced })
  const foundIn = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).flatMap(([where, text]) => findCanaries(text, canaries).map((what) => `${where}: ${what}`))
  const byPart = (read: (part: ReturnType<Stack['part']>) => string) =>
    Object.fromEntries(stack.parts().map((part) => [part.name, read(part)]))

  await prove('logs', () => {
    expect([last.ok, canaries.length > 60], 'a login at the end, and enough to look for').toEqual([true, true])
    expect(logOf(stack.part('gateway-0'), marks.get(stack.part('gateway-0'))), 'the log at its most talkative').toMatch(/"level":"debug"/)
    expect(logOf(stack.part('postgres-0')), 'the server’s log').toContain('select 117')
    expect(foundIn(byPart((part) => logOf(part, marks.get(part)))), 'in the logs').toEqual([])
    expect(foundIn(Object.fromEntries(stack.logFiles.map((file) => [file, readFileSync(file, 'latin1')]))), 'in the files').toEqual([])
  })
  await prove('metrics', async () => {
    const texts: Record<string, string> = {}
    for (const part of stack.parts()) texts[part.name] = await metricsOf(part)
    expect(texts['gateway-0'], 'the gateway’s metrics').toContain('logins_total')
    expect(foundIn(texts)).toEqual([])
  })
  await prove('processes', () => {
    const texts = byPart(shownByProcess)
    expect(texts['gateway-0'], 'how the gateway was called').toContain('gateway.yaml')
    expect(foundIn(texts)).toEqual([])
  })
  await prove('errors', () => {
    expect(told.filter((text) => text !== '').length, 'texts that clients got').toBeGreaterThan(100)
    expect(findCanaries(told.join('\n'), canaries)).toEqual([])
  })
  await prove('files', () => expect(foundIn(filesOf(stack.part('gateway-0'))), 'in the gateway’s folder').toEqual([]))
})

const sealOf = (blob: string) => {
  const { p } = JSON.parse(blob) as { readonly p: string }
  return JSON.parse(Buffer.from(p, 'base64url').toString()) as Readonly<Record<string, unknown>>
}

spec('SEC-118', async (trial) => {
  const { stack, mint, connect, prove } = trial
  const server = stack.part('postgres-0')
  const mark = server.logMark()
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = await mint({ claims: { exp } })
  const canaries: readonly Canary[] = canariesOf({ 'the token': token })
  const client = await connect({ token, startup: { application_name: 'sec-118' } })
  const settings = await client.query<{ name: string; setting: string }>('show all')
  const readable = await client.query(`select name, setting, reset_val from pg_settings where 118 = 118`)
  const claims = await client.query<{ blob: string }>(`select current_setting('orochi.claims', true) as blob`)
  const direct = await connect({ direct: 'server' })
  const activity = await direct.query<{ query: string }>('select * from pg_stat_activity')
  const statements = await direct.query(`select name, statement from pg_prepared_statements`)
  await client.end()

  await prove('statements', async () => {
    await expect.poll(() => logOf(server, mark), { timeout: 5_000 }).toContain('118 = 118')
    expect(findCanaries(logOf(server, mark), canaries), 'in the server’s log of statements').toEqual([])
  })
  await prove('views', () => {
    expect([settings.rows.length > 100, readable.rows.length > 100, activity.rows.length > 0], 'rows to look at').toEqual([
      true,
      true,
      true,
    ])
    for (const [what, { rows }] of Object.entries({ settings, readable, activity, statements }))
      expect(findCanaries(JSON.stringify(rows), canaries), what).toEqual([])
  })
  await prove('bound', () => {
    const seal = sealOf(claims.rows[0]?.blob ?? '{"p":"e30"}')
    const leewaySeconds = stack.topology.gateway?.leewaySeconds ?? 30
    expect(seal).toMatchObject({ cluster: expect.any(String), role: stack.app(0).user, exp: exp + leewaySeconds })
    expect(String(seal['cluster']).length, 'the name of the cluster').toBeGreaterThan(0)
  })
})

spec('SEC-119', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const token = await mint()
  const [header = '', payload = '', signature = ''] = token.split('.')
  const names: Readonly<Record<string, string>> = {
    'a token': token,
    'a token cut short': token.slice(0, 60),
    'a header': header,
    'a header and a point': `${header.slice(0, 50)}.`,
    'a payload': payload,
    'a signature': signature,
    'two parts': `${payload.slice(0, 30)}.${signature.slice(0, 30)}`,
    'a token with a word before it': `Bearer ${token}`,
    'a token for a URL': `jwt=${header.slice(0, 50)}`,
  }
  const mark = stack.part('gateway-0').logMark()
  const recordOf = async (wishes: Partial<LoginWish>) => {
    const since = gateway.mark()
    await logIn(stack, await mint(), wishes)
    await expect.poll(() => gateway.auditSince(since).length, { timeout: 3_000 }).toBe(1)
    return gateway.auditSince(since)[0]
  }
  const asUser: Record<string, unknown> = {}
  const asDatabase: Record<string, unknown> = {}
  for (const [what, name] of Object.entries(names)) {
    asUser[what] = (await recordOf({ user: name }))?.['user']
    asDatabase[what] = (await recordOf({ database: name }))?.['database']
  }
  const plain = ['tenant_user', 'somebody.else', 'ann@orochi.test', 'Zoë Müller', 'x'.repeat(63)]
  const kept: unknown[] = []
  for (const user of plain) kept.push((await recordOf({ user }))?.['user'])

  await prove('masked', () => {
    const all = Object.fromEntries(Object.keys(names).map((what) => [what, '(masked)']))
    expect(asUser, 'names of users in the login records').toEqual(all)
    expect(asDatabase, 'names of databases in the login records').toEqual(all)
  })
  await prove('kept', () => expect(kept, 'names that are names').toEqual(plain))
  await prove('nowhere', () => expect(findCanaries(logOf(stack.part('gateway-0'), mark), canariesOf({ token })), 'in the log').toEqual([]))
})
