/** From a client's first byte to its first answer: through TLS, by a token, as whom the token says. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type pg from 'pg'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, faultOf, openProbe, openTlsProbe, textRows, type LoginOutcome, type Probe, type TlsWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'

const poolSize = 5
const spec = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'CONN-001'>, 'stack' | 'mint' | 'connect' | 'postgres' | 'psql' | 'caFile'>
type Row = Readonly<Record<string, unknown>>

/** One client program: logs in with a token and runs one query; rows come as records of text. */
type Ask = (token: string, sql: string) => Promise<readonly Row[]>

/** Every client there is, by name. */
function clientsOf({ stack, connect, postgres, psql, caFile }: Ways): Readonly<Record<string, Ask>> {
  const ways: Record<string, Ask> = {
    pg: async (token, sql) => (await (await connect({ token })).query<Row>(sql)).rows.map(asText),
    'pg, extended': async (token, sql) =>
      (await (await connect({ token })).query<Row>({ text: sql, values: [], queryMode: 'extended' } as pg.QueryConfig)).rows.map(asText),
    'postgres.js': async (token, sql) => (await (await postgres({ token })).unsafe<Row[]>(sql)).map(asText),
    probe: (token, sql) => askByProbe(stack, token, sql),
  }
  if (stack.can('psql').here) ways['psql'] = async (token, sql) => readPsql(await psql(withNames(sql), { token, caFile: caFile() }))
  return ways
}

const asText = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]))

/** psql prints rows as JSON, one a line, so that they can be told apart. */
const withNames = (sql: string): string => `select row_to_json(answer) from (${sql}) answer`

function readPsql({ code, stdout, stderr }: { readonly code: number; readonly stdout: string; readonly stderr: string }): readonly Row[] {
  if (code !== 0) throw new Error(`psql ended with ${code}: ${stderr.trim()}`)
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => asText(JSON.parse(line) as Row))
}

const tlsOf = ({ door }: Stack, more: Partial<TlsWish> = {}): TlsWish => ({ ca: door.ca, servername: door.servername, ...more })
const credentials = ({ door }: Stack, token: string) => ({ user: 'tenant_user', database: door.database, password: token })

async function askByProbe(stack: Stack, token: string, sql: string): Promise<readonly Row[]> {
  await using probe = await openTlsProbe(stack.door, tlsOf(stack))
  const login = await probe.logIn(credentials(stack, token))
  if (!login.ok) throw new Error(refusalOf(login))
  const answer = await probe.query(sql)
  if (!answer.ok) throw new Error(faultOf(answer))
  probe.quit()
  return textRows(answer).map((row) => Object.fromEntries(row.map((value, index) => [answer.columns[index]?.name ?? '', value])))
}

const refusalOf = ({ error, trouble }: LoginOutcome): string =>
  error ? `${error.severity} ${error.sqlstate} ${error.message}` : (trouble?.message ?? 'no refusal')

spec('CONN-001', async (trial) => {
  const { stack, gateway, mint, prove, measure } = trial
  const attempts: Attempt[] = []
  for (let round = 0; round < 3 && attempts.every(({ ok }) => ok); round++) {
    attempts.push(await gateway.attempt(await mint(), { query: 'select 1 as one' }))
  }
  measure('connect_and_query', Math.max(...attempts.map(({ ms }) => ms)), 'ms')

  await prove('connects', () => {
    for (const { ok, sqlstate, message } of attempts) expect([ok, sqlstate, message]).toEqual([true, undefined, undefined])
    for (const { ms } of attempts) expect(ms, 'ms from the first byte to the answer').toBeLessThanOrEqual(5_000)
  })
  await prove('value', async () => {
    for (const { rows, backendsOpened } of attempts) {
      expect(rows).toEqual([{ one: 1 }])
      if (stack.can('links').here) expect(backendsOpened, 'connections to the pooler').toBeGreaterThan(0)
    }
    for (const [name, ask] of Object.entries(clientsOf(trial))) {
      expect(await answered(ask(await mint(), 'select 1 as one'), name, 5_000), name).toEqual([{ one: '1' }])
    }
  })
})

spec('CONN-002', async (trial) => {
  const { stack, mint, connect, psql, caFile, prove } = trial
  const token = await mint()
  const secured = (more: Partial<TlsWish> = {}) =>
    answered(openTlsProbe(stack.door, tlsOf(stack, more)), `a handshake with ${Object.keys(more).join() || 'verify-full'}`)

  await prove('handshake', async () => {
    for (const more of [{}, { maxVersion: 'TLSv1.2' }] as const) {
      await using probe = await secured(more)
      expect((await answered(probe.logIn(credentials(stack, token)), 'login')).ok).toBe(true)
    }
    await using probe = await openProbe(stack.door)
    expect(await answered(probe.askTls(), 'SSLRequest')).toBe('S')
    const facts = await answered(probe.secure(tlsOf(stack)), 'the handshake')
    expect(facts.protocol).toMatch(/^TLSv1\.[23]$/)
    expect(facts, 'certificate and name').toMatchObject({
      verified: true,
      certificateNames: expect.stringContaining(stack.door.servername),
    })
    await expect(openTlsProbe(stack.door, tlsOf(stack, { servername: 'elsewhere.test' })), 'another name').rejects.toMatchObject({
      code: 'tls',
    })
    const old: Partial<TlsWish> = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(openTlsProbe(stack.door, tlsOf(stack, old)), 'an older TLS').rejects.toMatchObject({ code: 'tls' })
  })
  await prove('encrypted', async () => {
    const client = await answered(connect({ token }), 'pg')
    const { stream } = (client as unknown as { connection: { stream: TLSSocket } }).connection
    expect([stream.encrypted, stream.authorized, stream.getProtocol()]).toEqual([true, true, expect.stringMatching(/^TLSv1\.[23]$/)])
    expect((await answered(client.query('select 1 as one'), 'a query')).rows).toEqual([{ one: 1 }])
    if (stack.can('psql').here) {
      const { code, stdout, stderr } = await psql('\\conninfo', { token, caFile: caFile() })
      expect({ code, stderr }, 'psql').toEqual({ code: 0, stderr: '' })
      expect(stdout, 'what psql reports of its session').toMatch(/TLSv1\.[23]/)
    }
    await using plain = await openProbe(stack.door)
    const login = await plain.logIn(credentials(stack, token))
    expect([login.ok, login.asked], 'a login in the clear, and how its password was asked for').toEqual([false, 'none'])
  })
})

/** Rows of two tenants that a superuser has put there; gone again at the end. */
async function plantOrders(direct: pg.Client, orderId: number): Promise<AsyncDisposable> {
  await direct.query(
    `insert into orders (tenant_id, order_id, amount_cents, note) select t, $1::bigint + n, 100 * n, t || ' ' || n from unnest($2::text[]) t, generate_series(1, 3) n`,
    [orderId, ['tenant-a', 'tenant-b']],
  )
  return {
    [Symbol.asyncDispose]: async () => {
      await direct.query('delete from orders where order_id between $1::bigint and $1::bigint + 3', [orderId])
    },
  }
}

/** What a session of a tenant shall say of itself. */
const as = (tenant: string): Row => ({ tenant, subject: `user-of-${tenant}`, tenants_seen: tenant, rows: '3' })

/** Takes every server connection of the pool but one, until it is undone. */
async function occupyAllButOne(clients: readonly pg.Client[]): Promise<AsyncDisposable> {
  for (const client of clients) {
    await answered(client.query('begin'), 'begin')
    await answered(client.query('select 1'), 'a query that takes a server connection')
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.query('rollback').catch(() => undefined)))
    },
  }
}

spec('CONN-003', async (trial) => {
  const { stack, mint, connect, random, prove } = trial
  const orderId = 1_000_000 + Math.floor(random() * 1e9)
  const direct = await connect({ direct: 'server' })
  await using scope = new AsyncDisposableStack()
  scope.use(await plantOrders(direct, orderId))
  const whoAmI = `select orochi.tenant_id() as tenant, orochi.user_id() as subject, string_agg(distinct tenant_id, ',') as tenants_seen, count(*) as rows
    from orders where order_id between ${orderId} and ${orderId + 3}`
  const tokens = {
    'tenant-a': await mint({ claims: { tenant_id: 'tenant-a', sub: 'user-of-tenant-a' } }),
    'tenant-b': await mint({ claims: { tenant_id: 'tenant-b', sub: 'user-of-tenant-b' } }),
  }
  const clients = Object.entries(clientsOf(trial))

  await prove('authenticated', async () => {
    await using probe = await answered(openTlsProbe(stack.door, tlsOf(stack)), 'TLS')
    const login = await probe.logIn(credentials(stack, tokens['tenant-a']))
    expect(refusalOf(login)).toBe('no refusal')
    expect([login.ok, login.asked], 'the token is asked for as a password').toEqual([true, 'cleartext'])
    for (const [name, ask] of clients) await answered(ask(tokens['tenant-a'], 'select 1 as one'), name)
  })
  await prove('query', async () => {
    for (const [name, ask] of clients) {
      expect(await answered(ask(tokens['tenant-b'], 'select code, name from countries order by code limit 2'), name), name).toEqual([
        { code: 'CH', name: 'Switzerland' },
        { code: 'DE', name: 'Germany' },
      ])
    }
  })
  await prove('identity', async () => {
    for (const [name, ask] of clients) {
      for (const tenant of ['tenant-a', 'tenant-b'] as const)
        expect(await answered(ask(tokens[tenant], whoAmI), name), name).toEqual([as(tenant)])
    }
    await proveTakingTurns(trial, tokens, whoAmI)
  })
})

/** Two tenants share one server connection, because all others are taken: each sees itself, however often they change. */
async function proveTakingTurns({ mint, connect }: Ways, tokens: Readonly<Record<string, string>>, whoAmI: string): Promise<void> {
  const blockers = await Promise.all(
    Array.from({ length: poolSize - 1 }, async () => answered(connect({ token: await mint() }), 'a client that takes a server connection')),
  )
  const sessions = await Promise.all(
    Object.entries(tokens).map(async ([tenant, token]) => ({ tenant, client: await answered(connect({ token }), tenant) })),
  )
  await using scope = new AsyncDisposableStack()
  scope.use(await occupyAllButOne(blockers))
  const pids = new Set<unknown>()
  for (let turn = 0; turn < 4; turn++) {
    for (const { tenant, client } of sessions) {
      const { rows } = await answered(client.query<Row>(whoAmI.replace('select', 'select pg_backend_pid() as pid,')), tenant)
      const { pid, ...seen } = rows[0] ?? {}
      expect(asText(seen), `turn ${turn}`).toEqual(as(tenant))
      pids.add(pid)
    }
  }
  expect([...pids], 'the server connections that both tenants used').toHaveLength(1)
}

/** What a stranger may try as a password, by what it is. */
async function badPasswords(mint: Ways['mint']): Promise<Readonly<Record<string, string>>> {
  const stranger = await makeKeyPair()
  const valid = await mint()
  const [header = '', payload = '', signature = ''] = valid.split('.')
  return {
    'a token of another key': await mint({ signedBy: stranger.privateKeyPem }),
    'a token altered after signing': await mint({ alteredPayload: true }),
    'a token without a signature (alg none)': await mint({ forgery: 'none' }),
    'a token signed with the public key as a secret (HS256)': await mint({ forgery: 'hs256-with-public-key' }),
    'a token whose signature is cut off': `${header}.${payload}.`,
    'a token whose signature is cut short': `${header}.${payload}.${signature.slice(0, -8)}`,
    'a token of another issuer': await mint({ claims: { iss: 'https://elsewhere.test' } }),
    'an expired token': await mint({ expiredMinutesAgo: 10 }),
    'a token and more': `${valid}.${payload}`,
    'two tokens': `${valid} ${valid}`,
    'one word': 'secret',
    dots: '..',
    SQL: `' or '1'='1`,
    'random text': randomUUID().repeat(50),
    'not ASCII': 'пароль 🐉',
    'very long': 'A'.repeat(40_000),
  }
}

spec('CONN-004', async (trial) => {
  const { stack, gateway, mint, psql, caFile, prove } = trial
  const passwords = await badPasswords(mint)
  const attempts: { what: string; attempt: Attempt }[] = []
  for (const [what, password] of Object.entries(passwords)) attempts.push({ what, attempt: await gateway.attempt(password) })
  const raw: { what: string; login: LoginOutcome; ended: string }[] = []
  const link = stack.can('links').here ? stack.link('pooler-0') : undefined
  const before = link?.counters.opened ?? 0
  for (const [what, password] of Object.entries({ ...passwords, 'an empty one': '' }))
    raw.push({ what, ...(await refuseRaw(stack, password)) })
  await sleep(300)
  const opened = (link?.counters.opened ?? 0) - before

  await prove('fatal', async () => {
    for (const { what, attempt } of attempts)
      expect([attempt.ok, attempt.severity], `${what}: ${attempt.message}`).toEqual([false, 'FATAL'])
    for (const { what, login, ended } of raw) {
      expect([login.ok, login.error?.severity ?? refusalOf(login)], what).toEqual([false, 'FATAL'])
      expect(ended, `${what}: the connection after the error`).toBe('closed')
    }
    if (stack.can('psql').here) {
      const { code, stdout, stderr } = await psql('select 1', { token: passwords['an expired token']!, caFile: caFile() })
      expect([code, stdout], 'psql').toEqual([2, ''])
      expect(stderr).toMatch(/FATAL/)
    }
  })
  await prove('sqlstate', () => {
    for (const { what, attempt } of attempts) expect(attempt.sqlstate ?? 'none', `${what}: ${attempt.message}`).toMatch(/^(28000|28P01)$/)
    for (const { what, login } of raw) expect(login.error?.sqlstate ?? 'none', `${what}: ${refusalOf(login)}`).toMatch(/^(28000|28P01)$/)
  })
  await prove('no-backend', () => {
    for (const { what, attempt } of attempts) expect(attempt.backendsOpened, what).toBe(0)
    expect(opened, 'connections to the pooler while the probe was refused').toBe(0)
  })
})

/** One refused login by the probe, and how the server ended the connection. */
async function refuseRaw(stack: Stack, password: string): Promise<{ readonly login: LoginOutcome; readonly ended: string }> {
  await using probe: Probe = await openTlsProbe(stack.door, tlsOf(stack))
  const login = await probe.logIn(credentials(stack, password))
  const ended = await probe.ended(2_000).catch((error: Error) => error.message)
  return { login, ended }
}
