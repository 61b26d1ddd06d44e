import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeFrontend, type BackendMessage } from '../wire/index.ts'
import { configSchema, type GatewayConfig } from './config.ts'
import { logInVisitor, usualGreeting, type Visitor } from './testing/fake-upstream.ts'
import { goodClaims, makeToken } from './testing/issuer.ts'
import { passwordMessage, raiseStage, startupPacket, type Client, type Stage } from './testing/stage.ts'

type Settings = Readonly<Record<'revocation' | 'sessions' | 'tokens', object>>

const configured = (settings: Partial<Settings>) => (config: GatewayConfig) =>
  configSchema.parse({ ...config, ...settings, tokens: { ...config.tokens, maxLifetimeSeconds: 7200, ...settings.tokens } })
const secret = 's3cret-'.repeat(6)
const pushing = (config: GatewayConfig) => pushingAtMost(100)(config)

/** Revocations are taken from those who know the secret. */
function pushingAtMost(maxEntries: number): (config: GatewayConfig) => GatewayConfig {
  return (config) => {
    const secretFile = join(config.tls!.cert, '..', 'push.secret')
    writeFileSync(secretFile, `${secret}\n`)
    return configured({ revocation: { push: { secretFile }, maxEntries } })(config)
  }
}

async function push(stage: Stage, revocations: readonly object[], authorization = `Bearer ${secret}`): Promise<Response> {
  return await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/revocations`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify({ revocations }),
  })
}

/** Answers whatever it is asked by `answer`; the first letter of a query's text is the status afterwards. */
async function answering(visitor: Visitor): Promise<void> {
  await logInVisitor(visitor)
  visitor.send(...usualGreeting)
  for (let bytes = await visitor.next(); bytes !== null; bytes = await visitor.next()) {
    const text = bytes.subarray(5, -1).toString()
    visitor.send({ kind: 'command-complete', tag: text })
    if (text !== 'half') visitor.send({ kind: 'ready-for-query', status: text[0] as 'I' | 'T' })
  }
}

async function opened(stage: Stage, claims: Readonly<Record<string, unknown>> = {}): Promise<Client> {
  const client = await stage.logIn(await makeToken({ claims }))
  await client.until('ready-for-query')
  return client
}

const ask = (client: Client, text: string) => client.stream.write(encodeFrontend({ kind: 'query', text }))
const codesOf = (messages: readonly BackendMessage[]) =>
  messages.flatMap((message) => ('fields' in message ? [message.fields.get('C')] : []))

test('a revocation ends the sessions it concerns, and no others, and the login is refused from then on', async () => {
  await using stage = await raiseStage({ serve: answering, change: pushing })
  const [revoked, other] = [await opened(stage, { sub: 'eve' }), await opened(stage)]
  const answer = await push(stage, [{ sub: 'eve' }])
  expect([answer.status, await answer.json()]).toEqual([200, { taken: 1, sessionsEnded: 1 }])
  expect(codesOf(await revoked.until('closed'))).toEqual(['57P01'])
  ask(other, 'I am here')
  expect((await other.until('ready-for-query')).map(({ kind }) => kind)).toEqual(['command-complete', 'ready-for-query'])
  expect(await (await stage.logIn(await makeToken({ claims: { sub: 'eve' } }))).refusal()).toBe('28000')
  expect(stage.logins().at(-1)).toMatchObject({ outcome: 'refused', reason: 'token_revoked', sub: 'eve' })
})

test('within an answer nothing is put between its bytes: the session is cut', async () => {
  await using stage = await raiseStage({ serve: answering, change: pushing })
  const client = await opened(stage)
  ask(client, 'half')
  await client.until('command-complete')
  await push(stage, [{ jti: 'token-1' }])
  expect(await client.until('closed')).toEqual([])
})

test('a login that waits for the upstream is ended, too', async () => {
  const asleep = Promise.withResolvers<void>()
  await using stage = await raiseStage({ serve: () => asleep.promise, change: pushing })
  const client = await stage.logIn(await makeToken())
  while (stage.upstream.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(await (await push(stage, [{ tenant: 'tenant-a' }])).json()).toMatchObject({ sessionsEnded: 1 })
  expect(await client.refusal()).toBe('57P01')
  expect(stage.logins().at(-1)).toMatchObject({ outcome: 'refused', reason: 'session_revoked' })
  asleep.resolve()
})

test('who pushes must know the secret, and what he says must be a list', async () => {
  await using stage = await raiseStage({ change: pushing })
  for (const shown of ['', secret, `Bearer ${secret}x`, 'Bearer ', `Basic ${secret}`])
    expect((await push(stage, [], shown)).status, shown).toBe(401)
  expect((await push(stage, [{ jti: 'a', sub: 'b' }])).status).toBe(400)
  expect((await push(stage, [{ jti: 'a' }])).status).toBe(200)
})

test('without the setting nothing can be pushed, and the bound is the bound', async () => {
  await using closed = await raiseStage()
  expect((await push(closed, [])).status).toBe(404)
  await using small = await raiseStage({ change: pushingAtMost(1) })
  expect((await push(small, [{ jti: 'a' }, { jti: 'b' }])).status).toBe(507)
})

/** A session under a clock that the test moves. */
async function timed(sessions: object) {
  const clock = { offsetMs: 0 }
  const now = () => Date.now() + clock.offsetMs
  const stage = await raiseStage({ serve: answering, pieces: { now }, change: configured({ sessions }) })
  const client = await opened(stage, { exp: goodClaims()['exp'] })
  return {
    client,
    pass: (seconds: number) => void (clock.offsetMs += seconds * 1000),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

test('a session is warned when its token ends, and ended when the grace is over', async () => {
  await using on = await timed({ atExpiry: 'end', graceSeconds: 60 })
  on.pass(3631)
  expect(codesOf(await on.client.until('notice-response'))).toEqual(['01000'])
  on.pass(60)
  expect(codesOf(await on.client.until('closed'))).toEqual(['57P01'])
})

test('a transaction may be finished, then the session ends at once', async () => {
  await using on = await timed({ atExpiry: 'finish-transaction', graceSeconds: 60 })
  ask(on.client, 'T begun')
  await on.client.until('ready-for-query')
  on.pass(3631)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  ask(on.client, 'T goes on')
  expect((await on.client.until('ready-for-query')).length).toBe(2)
  ask(on.client, 'I am done')
  expect((await on.client.until('closed')).map(({ kind }) => kind)).toEqual(['command-complete', 'ready-for-query', 'error-response'])
})

test('a transaction that does not end is ended with the grace; one that is idle at once', async () => {
  await using busy = await timed({ atExpiry: 'finish-transaction', graceSeconds: 60 })
  ask(busy.client, 'T begun')
  await busy.client.until('ready-for-query')
  busy.pass(3691)
  expect(codesOf(await busy.client.until('closed'))).toEqual(['57P01'])
  await using idle = await timed({ atExpiry: 'finish-transaction', graceSeconds: 60 })
  idle.pass(3631)
  expect(codesOf(await idle.client.until('closed'))).toEqual(['57P01'])
})

test('a token for single use is used once; one that cannot be told apart is refused', async () => {
  await using stage = await raiseStage({
    change: configured({ tokens: { singleUse: { entries: 2 }, requiredClaims: ['exp', 'iss', 'jti'] } }),
  })
  const outcome = async (claims: object) => {
    const client = await stage.secure()
    client.stream.write(startupPacket())
    await client.until('authentication-cleartext')
    client.stream.write(passwordMessage(await makeToken({ claims: { ...claims } })))
    await client.until('ready-for-query')
    client.stream.destroy()
    return stage.logins().at(-1)?.reason ?? 'accepted'
  }
  expect([await outcome({}), await outcome({}), await outcome({ jti: 'b' })]).toEqual(['accepted', 'token_replayed', 'accepted'])
  expect([await outcome({ jti: 'c' }), await outcome({ jti: null })]).toEqual(['too_many_tokens', 'missing_claim'])
})
