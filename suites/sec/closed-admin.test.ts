/** What is for operators is closed to everybody else: the pooler's admin database and API, the gateway's operations port, every port but one. */
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { expect } from 'vitest'
import { answered, encode, openProbe, ProbeError } from '../../fixtures/probe.ts'
import type { Address } from '../../stack/launch.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { openPlane, type Plane } from '../wake/plane.ts'
import { isOfThisMachine, listenersOf } from './listeners.ts'
import { letRevoke } from './revoking.ts'

const spec = wish({ controlPlane: {} })

const adminDatabases = ['admin', 'pgdog', 'pgbouncer']

spec('SEC-007', async ({ stack, gateway, mint, seed, prove, measure }) => {
  const reached = () => stack.link('pooler-0').counters.opened
  const [tenant, administrator] = [await mint(), await mint({ claims: { role: 'admin' } })]

  await prove('admin-database', async () => {
    const before = reached()
    for (const { database, user } of asked) {
      for (const [what, password] of Object.entries({
        'a tenant token': tenant,
        'a token of an admin': administrator,
        'a wrong password': 'wrong',
        'no password': '',
      })) {
        const { ok, severity, sqlstate, backendsOpened } = await gateway.attempt(password, { database, user })
        const how = `database ${database} as ${user} with ${what}`
        expect([ok, severity, backendsOpened], how).toEqual([false, 'FATAL', 0])
        expect(sqlstate, how).toMatch(isGood(what) ? /^(?:28000|42501)$/ : /^28000$/)
      }
    }
    expect(reached() - before, 'connections that reached the pooler').toBe(0)
    await expectShut(stack, {
      'no password': '',
      'a tenant token': tenant,
      'a wrong password': 'wrong',
      'the password of the tenants': stack.pooler.password,
    })
  })

  await prove('admin-endpoints', async () => {
    await using revoker = await letRevoke(stack)
    const jti = `closed-${seed}`
    const token = await mint({ claims: { jti } })
    const body = JSON.stringify({ revocations: [{ jti }] })
    for (const part of stack.parts('gateway')) {
      const at = part.addresses['operations']!
      for (const [what, authorization] of Object.entries({
        'no credentials': undefined,
        'a tenant token': `Bearer ${tenant}`,
        'a wrong secret': `Bearer ${'A'.repeat(revoker.secret.length)}`,
        'an empty secret': 'Bearer ',
        'a piece of the secret': `Bearer ${revoker.secret.slice(0, -1)}`,
        'the secret as a password': `Basic ${Buffer.from(`admin:${revoker.secret}`).toString('base64')}`,
      }))
        expect(await call(at, { method: 'POST', path: '/revocations', authorization, body }), `a revocation with ${what}`).toBe(401)
    }
    for (const within of ['plain', 'TLS'] as const) {
      for (const path of ['/health', '/ready', '/metrics', '/revocations']) {
        const method = path === '/revocations' ? 'POST' : 'GET'
        const answer = await call(
          stack.door,
          { method, path, authorization: `Bearer ${revoker.secret}`, body },
          within === 'TLS' ? stack.door.ca : undefined,
        )
        expect(answer, `${method} ${path} at the client port, ${within}`).toBe('no HTTP')
      }
    }
    expect((await gateway.attempt(token)).ok, 'the token that nobody was allowed to revoke').toBe(true)
    expect(
      (await revoker.revoke({ jti })).map(({ status }) => status),
      'the operator himself',
    ).toEqual(stack.parts('gateway').map(() => 200))
    expect((await gateway.attempt(token)).ok, 'the token that the operator revoked').toBe(false)
  })

  await prove('unreachable', () => {
    const clientPorts = new Set(stack.parts('gateway').map(({ addresses }) => addresses['main']!.port))
    const all = stack
      .parts()
      .flatMap((part) => listenersOf(part.pid!).map((listener) => ({ part: part.name, kind: part.kind, ...listener })))
    measure('listeners', all.length, 'ports')
    for (const { name, addresses } of stack.parts())
      for (const { port } of Object.values(addresses))
        expect(all, `${name} at ${port}`).toContainEqual(expect.objectContaining({ part: name, port }))
    const open = all.filter((listener) => !isOfThisMachine(listener) && !(listener.kind === 'gateway' && clientPorts.has(listener.port)))
    expect(open, 'ports that can be reached from elsewhere').toEqual([])
  })

  if (!stack.can('control-plane').here) return
  await using plane = await openPlane({ stack, mint })
  await prove('pooler-api', async () => {
    const before = await settings(plane)
    for (const [what, { authorization, status }] of Object.entries({
      'no credentials': { authorization: null, status: 401 },
      'a tenant token': { authorization: `Bearer ${tenant}`, status: 403 },
      'a wrong token': { authorization: 'Bearer wrong', status: 401 },
      'a wrong password': { authorization: `Basic ${Buffer.from('admin:wrong').toString('base64')}`, status: 401 },
    }))
      for (const [method, path, body] of poolerCalls) {
        const answer = await plane.ask(method, path, { authorization, body })
        expect([answer.status, answer.type], `${method} ${path} with ${what}`).toEqual([status, 'application/problem+json'])
      }
    expect(await settings(plane), 'the settings after all that').toEqual(before)
  })
})

/** Every call of the pooler API; the settings asked for would be taken from an operator. */
const poolerCalls = [
  ['GET', '/pooler', undefined],
  ['PATCH', '/pooler', { max_connections: 7 }],
  ['GET', '/pooler/stats', undefined],
  ['GET', '/pooler/shards', undefined],
  ['POST', '/pooler/reload', undefined],
] as const

/** With the version that changes whenever one of them does. */
async function settings(plane: Plane) {
  const { status, headers, body } = await plane.ask('GET', '/pooler')
  expect(status, 'the operator himself').toBe(200)
  return { version: headers.get('etag'), max_connections: body['max_connections'] }
}

/** Who has a good token is told that he may not, everybody else only that he is not let in. */
const isGood = (what: string) => what === 'a tenant token'

/** What somebody asks for who wants to be an administrator of the pooler. */
const asked = [
  ...adminDatabases.map((database) => ({ database, user: 'tenant_user' })),
  { database: 'admin', user: 'admin' },
  { database: 'admin', user: 'postgres' },
  { database: 'orochi', user: 'admin' },
]

/** Past the gateway, as somebody who got into the network. */
async function expectShut({ pooler: { host, port } }: Stack, passwords: Readonly<Record<string, string>>): Promise<void> {
  for (const user of ['admin', 'postgres']) {
    for (const [what, password] of Object.entries(passwords)) {
      await using probe = await openProbe({ host, port })
      const login = await answered(probe.logIn({ user, database: 'admin', password }), 'a login')
      expect(login.ok, `the admin database as ${user} with ${what}`).toBe(false)
      expect(login.error?.severity ?? login.trouble?.code, `the refusal of ${user} with ${what}`).toMatch(/^(?:FATAL|ERROR|closed|reset)$/)
    }
    await using probe = await openProbe({ host, port })
    probe.send(Buffer.concat([encode.startup({ user, database: 'admin' }, encode.protocol30), encode.query('SHOW POOLS')]))
    expect(await typesUntilEnd(probe), `SHOW POOLS as ${user} in place of the password`).not.toMatch(/[TDCZ]/)
  }
}

/** The letters of the messages that came, until the other side closed or fell silent. */
async function typesUntilEnd(probe: { read(deadlineMs: number): Promise<{ readonly type: string }> }): Promise<string> {
  let types = ''
  try {
    for (;;) types += (await probe.read(2000)).type
  } catch (error) {
    if (error instanceof ProbeError) return types
    throw error
  }
}

interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

/** The status of the answer; `no HTTP` when none came. With an authority it is asked over TLS. */
function call({ host, port }: Address, { method, path, authorization, body }: Call, ca?: string): Promise<number | 'no HTTP'> {
  const headers = authorization === undefined ? {} : { authorization }
  const options = { host, port, method, path, headers, agent: false, timeout: 5000 } as const
  return new Promise((resolve) => {
    const sent = ca === undefined ? request(options) : requestTls({ ...options, ca, rejectUnauthorized: false })
    sent.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve('no HTTP'))
    sent.once('close', () => resolve('no HTTP'))
    sent.end(method === 'POST' ? body : undefined)
  })
}
