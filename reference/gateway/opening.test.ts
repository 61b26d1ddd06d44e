import { expect, test } from 'vitest'
import { encodeStartup } from '../wire/index.ts'
import { makeToken } from './testing/issuer.ts'
import { passwordMessage, raiseStage, startupPacket, type Client } from './testing/stage.ts'

type Asked = 'ssl-request' | 'gss-request'

/** The answers to these requests in turn: one letter each, E for an error message, - for silence. */
async function ask(client: Client, requests: readonly Asked[]): Promise<string> {
  let answers = ''
  for (const kind of requests) {
    client.stream.write(encodeStartup({ kind }))
    answers += (await client.bytes(1)).toString('latin1')[0] ?? '-'
  }
  return answers
}

async function logInOn(client: Client): Promise<string | undefined> {
  client.stream.write(startupPacket())
  await client.until('authentication-cleartext')
  client.stream.write(passwordMessage(await makeToken()))
  return (await client.until('ready-for-query')).at(-1)?.kind
}

test('TLS at once with ALPN postgresql opens a session, also among other names', async () => {
  await using stage = await raiseStage()
  for (const alpn of [['postgresql'], ['h2', 'postgresql']]) expect(await logInOn(await stage.direct(alpn))).toBe('ready-for-query')
  expect(stage.logins().map(({ outcome, tls }) => [outcome, tls])).toEqual(Array.from({ length: 2 }, () => ['accepted', 'TLSv1.3']))
})

test('TLS at once without ALPN is refused without a word', async () => {
  await using stage = await raiseStage()
  const client = await stage.direct([])
  client.stream.write(startupPacket())
  expect(await client.refusal()).toBe('silence')
  expect(stage.logins()).toMatchObject([{ reason: 'protocol_violation', detail: 'TLS at once, without ALPN' }])
  expect(stage.upstream.opened()).toBe(0)
})

test('TLS at once with another ALPN fails in the handshake', async () => {
  await using stage = await raiseStage()
  for (const alpn of [['http/1.1'], ['POSTGRESQL'], ['postgresql2']])
    await expect(stage.direct(alpn)).rejects.toThrow(/alert|closed|ECONNRESET|disconnected/)
  expect(stage.upstream.opened()).toBe(0)
})

test('within direct TLS no encryption is asked for', async () => {
  await using stage = await raiseStage()
  for (const kind of ['ssl-request', 'gss-request'] as const) expect(await ask(await stage.direct(), [kind])).toBe('E')
})

test('a gateway without TLS takes a TLS handshake for a breach of the protocol', async () => {
  await using stage = await raiseStage({ change: ({ tls: _, ...config }) => config })
  const client = stage.plain()
  client.stream.write(Buffer.from('16030100c8010000c4', 'hex'))
  expect(await client.refusal()).toBe('08P01')
})

test('a handshake that stops half-way is let go at the deadline', async () => {
  await using stage = await raiseStage({ change: (config) => ({ ...config, limits: { ...config.limits, startupTimeoutMs: 150 } }) })
  const client = stage.plain()
  client.stream.write(Buffer.from('16', 'hex'))
  expect(await client.refusal()).toBe('silence')
  expect(stage.logins()).toMatchObject([{ reason: 'login_timeout' }])
})

test.each<[readonly Asked[], string]>([
  [['gss-request'], 'N'],
  [['ssl-request'], 'S'],
  [['gss-request', 'ssl-request'], 'NS'],
  [['gss-request', 'gss-request'], 'NE'],
])('asked for %j, a gateway with TLS answers %s', async (requests, answers) => {
  await using stage = await raiseStage()
  const client = stage.plain()
  expect(await ask(client, requests)).toBe(answers)
  client.stream.destroy()
})

test.each<[readonly Asked[], string]>([
  [['ssl-request', 'gss-request'], 'NN'],
  [['gss-request', 'ssl-request'], 'NN'],
  [['ssl-request', 'ssl-request'], 'NE'],
  [['ssl-request', 'gss-request', 'ssl-request'], 'NNE'],
])('asked for %j, a gateway without TLS answers %s', async (requests, answers) => {
  await using stage = await raiseStage({ change: ({ tls: _, ...config }) => config })
  const client = stage.plain()
  expect(await ask(client, requests)).toBe(answers)
  client.stream.destroy()
})

test('after GSS was declined, a handshake that was not asked for is a breach of the protocol', async () => {
  await using stage = await raiseStage()
  const client = stage.plain()
  expect(await ask(client, ['gss-request'])).toBe('N')
  client.stream.write(Buffer.from('16030100c8010000c4', 'hex'))
  expect(await client.refusal()).toBe('08P01')
})
