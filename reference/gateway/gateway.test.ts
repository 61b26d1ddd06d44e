import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { encodeBackend, encodeFrontend, encodeStartup } from '../wire/index.ts'
import { pieces } from './pieces.ts'
import { logInVisitor, upstreamPassword, usualGreeting } from './testing/fake-upstream.ts'
import { makeToken, otherKey } from './testing/issuer.ts'
import { passwordMessage, raiseStage, startupPacket } from './testing/stage.ts'

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const query = encodeFrontend({ kind: 'query', text: 'select 1' })

test('a good token opens a session: the greeting byte for byte but for the key, the identity in the start-up parameters, bytes both ways', async () => {
  await using stage = await raiseStage()
  const token = await makeToken()
  const client = await stage.logIn(token, { application_name: 'test', options: '-c statement_timeout=1s' })
  const told = await client.until('ready-for-query')
  const key = told.find((message) => message.kind === 'backend-key-data')!
  const greeting = usualGreeting.map((message) => (message.kind === 'backend-key-data' ? key : message))
  expect(Buffer.concat(told.map(encodeBackend))).toEqual(
    Buffer.concat([{ kind: 'authentication-ok' } as const, ...greeting].map(encodeBackend)),
  )
  client.stream.write(query)
  expect(await client.bytes(query.length)).toEqual(query)
  const parameters = Object.fromEntries(stage.upstream.seen[0]!)
  expect(parameters).toMatchObject({
    user: 'orochi_app',
    database: 'orochi_0',
    application_name: 'test',
    statement_timeout: '1s',
    'orochi.tenant_id': 'tenant-a',
    'request.jwt.claims': Buffer.from(token.split('.')[1]!, 'base64url').toString(),
  })
  expect(parameters).not.toHaveProperty('options')
  expect(stage.logins()).toMatchObject([
    { outcome: 'accepted', sub: 'user-1', tenant: 'tenant-a', user: 'tenant_user', database: 'orochi' },
  ])
})

test('what is sent behind the token reaches the upstream whole, after the login', async () => {
  await using stage = await raiseStage()
  const client = await stage.secure()
  client.stream.write(startupPacket())
  await client.until('authentication-cleartext')
  client.stream.write(Buffer.concat([passwordMessage(await makeToken()), query, query]))
  await client.until('ready-for-query')
  expect(await client.bytes(2 * query.length)).toEqual(Buffer.concat([query, query]))
})

test('it makes no difference where start-up packet and token are split', async () => {
  await using stage = await raiseStage({ pieces: { tls: { ...pieces.tls, required: false } } })
  const token = await makeToken()
  const startup = startupPacket({ TimeZone: 'UTC' })
  const all = Buffer.concat([startup, passwordMessage(token)])
  const splits = Array.from({ length: startup.length + 8 }, (_, i) => i + 1)
  for (const at of [...splits, all.length - 1]) {
    const client = stage.plain()
    client.stream.write(all.subarray(0, at))
    await later(1)
    client.stream.write(all.subarray(at))
    await client.until('ready-for-query')
    client.stream.destroy()
  }
  expect(stage.logins().map(({ outcome }) => outcome)).toEqual(Array.from({ length: startup.length + 9 }, () => 'accepted'))
})

test('nobody reaches the upstream without a good token, and no part of a token or password is ever logged', async () => {
  await using stage = await raiseStage()
  const good = await makeToken()
  const attempts: [string, Record<string, string>?][] = [
    ['garbage'],
    [await makeToken({ signedBy: otherKey })],
    [await makeToken({ claims: { exp: 1 } })],
    [await makeToken({ claims: { role: 'admin' } })],
    [good, { user: 'postgres' }],
    [good, { user: good }],
    [good, { database: 'postgres' }],
    [good, { database: good.slice(0, 200) }],
  ]
  for (const [token, parameters] of attempts)
    expect(await (await stage.logIn(token, parameters)).refusal()).toBe(parameters?.['user'] === undefined ? '28000' : '42501')
  expect(stage.upstream.opened()).toBe(0)
  expect(stage.logins().map(({ reason }) => reason)).toEqual(
    ['malformed_token', 'invalid_signature', 'token_expired', 'unknown_role', 'role_mismatch', 'role_mismatch', 'unknown_database', 'unknown_database'], // prettier-ignore
  )
  const told = JSON.stringify(stage.lines)
  for (const secret of [...attempts.flatMap(([token]) => token.split('.').slice(1)), upstreamPassword]) {
    expect(told).not.toContain(secret.slice(0, 16))
  }
})

test('a client without TLS is refused before it is asked for a token', async () => {
  await using stage = await raiseStage()
  const client = stage.plain()
  client.stream.write(startupPacket())
  const messages = await client.until('closed')
  expect(messages.map(({ kind }) => kind)).toEqual(['error-response'])
  expect(stage.logins()).toMatchObject([{ reason: 'tls_required', user: 'tenant_user' }])
})

test('bytes behind a request for encryption end the connection, none of them is used', async () => {
  await using stage = await raiseStage()
  for (const kind of ['ssl-request', 'gss-request'] as const) {
    const client = stage.plain()
    client.stream.write(Buffer.concat([encodeStartup({ kind }), startupPacket()]))
    expect(await client.bytes(1)).toHaveLength(0)
  }
  expect(stage.logins().map(({ reason }) => reason)).toEqual(['protocol_violation', 'protocol_violation'])
})

test('GSS is declined once, TLS may follow; neither may be asked for twice', async () => {
  await using stage = await raiseStage()
  for (const [kinds, answers] of [
    [['gss-request', 'ssl-request'], 'NS'],
    [['gss-request', 'gss-request'], 'NE'],
  ] as const) {
    const client = stage.plain()
    let answer = ''
    for (const kind of kinds) {
      client.stream.write(encodeStartup({ kind }))
      answer += (await client.bytes(1)).toString('latin1')[0]
    }
    expect(answer).toBe(answers)
    client.stream.destroy()
  }
  const inside = await stage.secure()
  inside.stream.write(encodeStartup({ kind: 'ssl-request' }))
  expect(await inside.refusal()).toBe('08P01')
})

test.each([
  [0, {}, null],
  [1, {}, null],
  [2, {}, null],
  [3, {}, 0x3_0002],
  [9999, { '_pq_.x': 'y' }, 0x3_0002],
  [2, { '_pq_.x': 'y', '_pq_.z': '' }, 0x3_0002],
  [0, { '_pq_.x': 'y' }, 0x3_0000],
])('who speaks 3.%i with %j is told the version %s', async (minor, extra, version) => {
  await using stage = await raiseStage()
  const client = await stage.secure()
  client.stream.write(startupPacket(extra, minor))
  const told = version === null ? [] : [{ kind: 'negotiate-protocol', version, options: Object.keys(extra) }]
  expect(await client.until('authentication-cleartext')).toEqual([...told, { kind: 'authentication-cleartext' }])
  client.stream.write(passwordMessage(await makeToken()))
  expect((await client.until('ready-for-query')).at(-1)?.kind).toBe('ready-for-query')
})

const u32 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')
test.each([
  ['length 0', u32(0)],
  ['length 7', u32(7)],
  ['length 2^31 - 1', u32(0x7fff_ffff)],
  ['length 2^32 - 1', u32(0xffff_ffff)],
  ['10 005 bytes', u32(10_005)],
  ['version 2', Buffer.concat([u32(8), u32(0x2_0000)])],
  ['version 4', Buffer.concat([u32(8), u32(0x4_0000)])],
  ['no final NUL', Buffer.concat([u32(13), u32(0x3_0000), Buffer.from('user\0')])],
  ['no value', Buffer.concat([u32(14), u32(0x3_0000), Buffer.from('user\0\0')])],
  ['a user twice', encodeStartup({ kind: 'startup', major: 3, minor: 0, parameters: [['user', 'a'], ['user', 'b']] })], // prettier-ignore
])('a start-up packet with %s is a breach of the protocol', async (_what, bytes) => {
  await using stage = await raiseStage()
  const client = await stage.secure()
  client.stream.write(bytes)
  expect(await client.refusal()).toBe('08P01')
  expect(stage.logins()).toMatchObject([{ reason: 'protocol_violation' }])
})

test.each([
  ['an empty token', passwordMessage(''), '28000', 'no_password'],
  ['a query', query, '08P01', 'protocol_violation'],
  ['a farewell', encodeFrontend({ kind: 'terminate' }), 'silence', 'no_password'],
  ['a token of 65 536 bytes', passwordMessage('a'.repeat(65_536)), '28000', 'token_too_large'],
  ['a length of 2^31', Buffer.from('7080000000', 'hex'), '08P01', 'protocol_violation'],
  ['a length of 3', Buffer.from('7000000003', 'hex'), '08P01', 'protocol_violation'],
  ['a password with bytes behind its NUL', Buffer.from('700000000841004100', 'hex'), '08P01', 'protocol_violation'],
])('in place of a token, %s is refused', async (_what, bytes, sqlstate, reason) => {
  await using stage = await raiseStage()
  const client = await stage.secure()
  client.stream.write(startupPacket())
  await client.until('authentication-cleartext')
  client.stream.write(bytes)
  expect(await client.refusal()).toBe(sqlstate)
  expect(stage.logins()).toMatchObject([{ reason }])
})

test('a token of 65 535 bytes is read and judged', async () => {
  await using stage = await raiseStage()
  expect(await (await stage.logIn('a'.repeat(65_535))).refusal()).toBe('28000')
  expect(stage.logins()).toMatchObject([{ reason: 'malformed_token' }])
})

test('a client that takes its time is let go at each stage', async () => {
  await using stage = await raiseStage({ change: (config) => ({ ...config, limits: { ...config.limits, startupTimeoutMs: 150 } }) })
  const silent = stage.plain()
  expect(await silent.refusal()).toBe('08006')
  const waiting = await stage.secure()
  waiting.stream.write(startupPacket())
  expect(await waiting.refusal()).toBe('08006')
  const half = stage.plain()
  half.stream.write(encodeStartup({ kind: 'ssl-request' }))
  await half.bytes(1)
  half.stream.write(Buffer.from('1603010200', 'hex'))
  await half.until('closed')
  expect(stage.logins().map(({ reason }) => reason)).toEqual(['login_timeout', 'login_timeout', 'login_timeout'])
})

test('each half ends by itself', async () => {
  await using stage = await raiseStage()
  const client = await stage.logIn(await makeToken())
  await client.until('ready-for-query')
  client.stream.write(query)
  client.stream.end()
  expect(await client.bytes(query.length)).toEqual(query)
  await client.until('closed')
})

test('a session goes on while the gateway drains, and is cut off at the deadline', async () => {
  await using stage = await raiseStage()
  const client = await stage.logIn(await makeToken())
  await client.until('ready-for-query')
  const ready = async () => (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/ready`)).status
  expect(await ready()).toBe(200)
  const drained = stage.gateway.drain(400)
  expect(await ready()).toBe(503)
  client.stream.write(query)
  expect(await client.bytes(query.length)).toEqual(query)
  const refused = connect({ port: stage.gateway.port, host: '127.0.0.1' })
  expect(await new Promise((resolve) => refused.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code)))).toBe('ECONNREFUSED')
  await drained
  await client.until('closed')
})

test('the counters count', async () => {
  await using stage = await raiseStage()
  const token = await makeToken()
  for (const password of [token, token, 'garbage']) {
    const client = await stage.logIn(password)
    await client.until(password === token ? 'ready-for-query' : 'closed')
  }
  const text = await (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/metrics`)).text()
  for (const line of [
    'orochi_gateway_logins_total{outcome="accepted",reason="none"} 2',
    'orochi_gateway_logins_total{outcome="refused",reason="malformed_token"} 1',
    'orochi_gateway_token_verifications_total 1',
    'orochi_gateway_token_cache_hits_total 1',
    'orochi_gateway_token_cache_misses_total 2',
    'orochi_gateway_token_cache_entries 1',
    'orochi_gateway_sessions_active 2',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
})

test('one piece can be another one: a gateway that forgets the end of tokens', async () => {
  await using stage = await raiseStage({ pieces: { rules: { ...pieces.rules, expiry: () => [] } } })
  const client = await stage.logIn(await makeToken({ claims: { exp: 1 } }))
  expect((await client.until('ready-for-query')).at(-1)?.kind).toBe('ready-for-query')
})

test('a client that leaves while it waits ends the attempt, and frees what it held', async () => {
  let gone = () => {}
  const left = new Promise<void>((resolve) => (gone = resolve))
  await using stage = await raiseStage({ serve: async ({ next }) => ((await next()) === null ? gone() : undefined) })
  const client = await stage.logIn(await makeToken())
  await expect.poll(() => stage.upstream.opened()).toBe(1)
  client.stream.destroy()
  await left
  await expect.poll(() => stage.logins()).toMatchObject([{ reason: 'client_gone' }])
})

test('the upstream that greets and says more at once loses nothing', async () => {
  await using stage = await raiseStage({
    serve: async (visitor) => {
      await logInVisitor(visitor)
      visitor.send(...usualGreeting, { kind: 'notification', processId: 1, channel: 'c', payload: 'p' })
    },
  })
  const client = await stage.logIn(await makeToken())
  await client.until('ready-for-query')
  expect((await client.until('notification')).at(-1)).toMatchObject({ payload: 'p' })
})
