import { expect, test } from 'vitest'
import { errorMessage, scramMechanism, scramServer, scramVerifier, type BackendMessage } from '../wire/index.ts'
import { logInVisitor, usualGreeting, type Visitor } from './testing/fake-upstream.ts'
import { makeToken } from './testing/issuer.ts'
import { raiseStage } from './testing/stage.ts'

type Serve = (visitor: Visitor) => Promise<void>

const sends =
  (bytes: Buffer): Serve =>
  async ({ socket }) =>
    void socket.write(bytes)
const says =
  (...messages: BackendMessage[]): Serve =>
  async ({ send }) =>
    send(...messages)
const afterLogin =
  (more: Serve): Serve =>
  async (visitor) => (await logInVisitor(visitor), await more(visitor))
const fails = (code: string, message = 'inner words 10.0.0.1'): Serve => sends(errorMessage({ severity: 'FATAL', code, message }))

/** A server that does not know the password and hopes that nobody checks. */
const pretender: Serve = async ({ send, next }) => {
  const scram = scramServer(scramVerifier('another', { iterations: 64 }))
  send({ kind: 'authentication-sasl', mechanisms: [scramMechanism] })
  const first = await next()
  send({ kind: 'authentication-sasl-continue', data: scram.challenge(first!.subarray(5 + scramMechanism.length + 5)) })
  await next()
  send(
    { kind: 'authentication-sasl-final', data: Buffer.from(`v=${Buffer.alloc(32).toString('base64')}`) },
    { kind: 'authentication-ok' },
    ...usualGreeting,
  )
}

const tooMuch: Serve = async ({ socket }) => {
  const notice = Buffer.concat([Buffer.from('530000ff00', 'hex'), Buffer.alloc(0xfefc, 0x41)])
  notice[notice.length - 1] = 0
  notice[100] = 0
  for (let i = 0; i < 40; i++) socket.write(notice)
}

test.each<[string, Serve, string, string]>([
  ['closes at once', async ({ socket }) => void socket.end(), '08001', 'upstream_unavailable'],
  ['resets', async ({ socket }) => void socket.resetAndDestroy(), '08001', 'upstream_unavailable'],
  ['never answers', async () => {}, '08006', 'upstream_timeout'],
  ['closes after the login', afterLogin(async ({ socket }) => void socket.end()), '08001', 'upstream_unavailable'],
  ['never ends its greeting', afterLogin(says({ kind: 'parameter-status', name: 'a', value: 'b' })), '08006', 'upstream_timeout'],
  ['greets without end', afterLogin(tooMuch), '08001', 'upstream_refused'],
  ['lets anybody in', says({ kind: 'authentication-ok' }, ...usualGreeting), '08001', 'upstream_refused'],
  ['wants the password itself', says({ kind: 'authentication-cleartext' }), '08001', 'upstream_refused'],
  ['wants MD5', says({ kind: 'authentication-md5', salt: Buffer.alloc(4) }), '08001', 'upstream_refused'],
  ['offers another mechanism', says({ kind: 'authentication-sasl', mechanisms: ['PLAIN'] }), '08001', 'upstream_refused'],
  ['cannot prove that it knows the password', pretender, '08001', 'upstream_refused'],
  ['announces 2 GB', sends(Buffer.from('527fffffff', 'hex')), '08001', 'upstream_refused'],
  ['announces less than a length', sends(Buffer.from('5200000003', 'hex')), '08001', 'upstream_refused'],
  ['sends an unknown letter', sends(Buffer.from('3f00000004', 'hex')), '08001', 'upstream_refused'],
  ['sends an error without SQLSTATE', sends(Buffer.from('450000000500', 'hex')), '08001', 'upstream_refused'],
  ['sends rows in its greeting', afterLogin(says({ kind: 'data-row', values: [] })), '08001', 'upstream_refused'],
  ['has too many clients', fails('53300'), '53300', 'upstream_unavailable'],
  ['starts up', fails('57P03'), '57P03', 'upstream_unavailable'],
  ['lost its own server', fails('08006'), '08006', 'upstream_unavailable'],
  ['refuses our password', fails('28P01'), '08001', 'upstream_refused'],
  ['has no such database', fails('3D000'), '08001', 'upstream_refused'],
  ['breaks after the login', afterLogin(fails('57P01')), '57P01', 'upstream_unavailable'],
])('an upstream that %s: the client gets one clean error and nothing of its insides', async (_what, serve, sqlstate, reason) => {
  await using stage = await raiseStage({ serve, change: (config) => ({ ...config, limits: { ...config.limits, upstreamTimeoutMs: 300 } }) })
  const client = await stage.logIn(await makeToken())
  const messages = await client.until('closed')
  expect(messages.map(({ kind }) => kind)).toEqual(['error-response'])
  const [error] = messages
  const fields = error?.kind === 'error-response' ? error.fields : new Map<string, string>()
  expect(fields.get('C')).toBe(sqlstate)
  expect(fields.get('M')).toMatch(/^the database (cannot be reached at the moment|did not answer in time)$/)
  expect(stage.logins()).toMatchObject([{ outcome: 'refused', reason }])
  expect(stage.lines.filter(({ level }) => level === (reason === 'upstream_refused' ? 'error' : 'warn'))).toHaveLength(1)
})

test('what the upstream says to a value the client chose is for the client', async () => {
  await using stage = await raiseStage({ serve: fails('22023', 'invalid value for parameter "TimeZone": "x"') })
  const [error] = await (await stage.logIn(await makeToken())).until('closed')
  expect(error?.kind === 'error-response' && [error.fields.get('C'), error.fields.get('M')]).toEqual([
    '22023',
    'invalid value for parameter "TimeZone": "x"',
  ])
  expect(stage.lines.some(({ level }) => level === 'warn' || level === 'error')).toBe(false)
})

test.each([
  ['no words', ''],
  ['too many words', 'x'.repeat(2000)],
  ['words that do something to a terminal', 'a\u001b[2J\nb'],
])('an upstream that has %s for such a value: ours are said', async (_what, words) => {
  await using stage = await raiseStage({ serve: fails('22023', words) })
  const [error] = await (await stage.logIn(await makeToken())).until('closed')
  expect(error?.kind === 'error-response' && error.fields.get('M')).toBe('a start-up parameter has a value that is not allowed')
})

test('an upstream that is not there', async () => {
  await using stage = await raiseStage({ change: (config) => ({ ...config, upstream: { ...config.upstream!, port: 1 } }) })
  expect(await (await stage.logIn(await makeToken())).refusal()).toBe('08001')
  expect(stage.lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { record: { reason: 'upstream_unavailable', detail: 'ECONNREFUSED' } },
  ])
})
