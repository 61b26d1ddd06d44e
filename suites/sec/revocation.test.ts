/** What a revoked token, subject, tenant or key is still good for: nothing, at once, wherever it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { mint as mintAs } from '../../fixtures/tokens.ts'
import { answered, encode, openTlsProbe, ProbeError, type Message, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { holds, isReady, startPublisher } from '../jwt/publisher.ts'
import { spec, type Trial } from '../kit.ts'
import type { Configuration } from '../kit/reconfigure.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { letRevoke, watchEnd, type End } from './revoking.ts'

/** From the revocation to the end of a session. */
const promisedMs = 5000
const patienceMs = 7000
const refused = [false, 'FATAL', '28000']

spec('SEC-008', async ({ stack, gateway, mint, connect, seed, prove, measure }) => {
  await using revoker = await letRevoke(stack)
  const jti = `jti-${seed}`
  const token = await mint({ claims: { jti } })
  const before = [await gateway.attempt(token), await gateway.attempt(token)]
  const session = watchEnd(await connect({ token }), patienceMs)
  const other = await connect()
  const start = performance.now()
  const answers = await revoker.revoke({ jti })
  const after = [await gateway.attempt(token), await gateway.attempt(token)]
  const end = await session.ended(start)
  measure('session_ended_after', end.afterMs, 'ms')

  await prove('refused', () => {
    expect([...before.map(({ ok }) => ok), ...answers.map(({ status }) => status)], 'before, and the answer to the revocation').toEqual([
      true,
      true,
      200,
    ])
    for (const { ok, severity, sqlstate, backendsOpened, audit } of after) {
      expect([ok, severity, sqlstate]).toEqual(refused)
      expect([backendsOpened, audit?.reason]).toEqual([0, 'token_revoked'])
    }
  })
  await prove('open-sessions', async () => {
    expect(end.code, 'the open session of the token').toBe('57P01')
    expect(end.afterMs).toBeLessThan(promisedMs)
    expect((await answered(other.query('select 1 as one'), 'a session of another token')).rows).toEqual([{ one: 1 }])
  })
})

spec('SEC-010', async ({ stack, gateway, mint, prove }) => {
  const singleUse = (config: Configuration) => ({ ...config, tokens: { ...(config['tokens'] as object), singleUse: {}, requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id', 'jti'] } }) // prettier-ignore
  await using _changed = await reconfigure(stack, { apply: singleUse })
  const [token, other] = [await mint(), await mint()]
  const attempts = [await gateway.attempt(token), await gateway.attempt(token), await gateway.attempt(other)]
  const atOnce = await mint()
  const together = await Promise.all(Array.from({ length: 4 }, () => gateway.attempt(atOnce)))
  await prove('refused', () => {
    expect(
      attempts.map(({ ok }) => ok),
      'a token, the same once more, another one',
    ).toEqual([true, false, true])
    const [, second] = attempts
    expect([second?.ok, second?.severity, second?.sqlstate, second?.audit?.reason]).toEqual([...refused, 'token_replayed'])
    expect(
      together.filter(({ ok }) => ok),
      'logins by one token, four times at the same moment',
    ).toHaveLength(1)
  })
})

const subjects = ['jti', 'sub', 'tenant', 'kid'] as const

spec('SEC-142', async ({ stack, gateway, connect, mint, seed, prove, measure }) => {
  const pair = await makeKeyPair()
  const { issuer, audience, privateKeyFile } = stack.issuer
  const secondKey = (config: Configuration) => ({ ...config, issuers: withKey(config['issuers'] as Issuers, 'k2', 'k2.pem') })
  await using revoker = await letRevoke(stack, { files: { 'k2.pem': pair.publicKeyPem }, apply: secondKey })
  const privateKeyPem = readFileSync(privateKeyFile, 'utf8')
  const named = { jti: `j-${seed}`, sub: `s-${seed}`, tenant: `t-${seed}`, kid: 'k2' }
  const tokens = {
    jti: await mint({ claims: { jti: named.jti } }),
    sub: await mint({ claims: { sub: named.sub } }),
    tenant: await mint({ claims: { tenant_id: named.tenant } }),
    kid: await mintAs({ issuer, audience, keyId: 'k2', privateKeyPem: pair.privateKeyPem }),
  }
  const bystander = await connect({ token: await mintAs({ issuer, audience, keyId: stack.issuer.keyId, privateKeyPem }) })
  const ends = new Map<string, End>()
  const logins = new Map<string, Awaited<ReturnType<typeof gateway.attempt>>>()
  const watched = []
  for (const subject of subjects) watched.push({ subject, session: watchEnd(await connect({ token: tokens[subject] }), patienceMs) })
  await Promise.all(
    watched.map(async ({ subject, session }) => {
      const start = performance.now()
      await revoker.revoke({ [subject]: named[subject] })
      ends.set(subject, await session.ended(start))
    }),
  )
  for (const subject of subjects) logins.set(subject, await gateway.attempt(tokens[subject]))
  measure('session_ended_after', Math.max(...[...ends.values()].map(({ afterMs }) => afterMs)), 'ms')
  const within = await cutWithinAnswer(stack, await mint({ claims: { sub: `w-${seed}` } }), () => revoker.revoke({ sub: `w-${seed}` }))
  const waiting = await endWaiting(stack, await mint({ claims: { sub: `x-${seed}` } }), () => revoker.revoke({ sub: `x-${seed}` }))

  const pulled = stack.can('clock-shift').here
    ? await pullList(
        stack,
        gateway,
        await connect({ token: await mint({ claims: { sub: `p-${seed}` }, ttlSeconds: 7200 }) }),
        await mint({ claims: { sub: `p-${seed}` }, ttlSeconds: 7200 }),
        `p-${seed}`,
      )
    : null

  for (const subject of subjects)
    await prove(subject, () => {
      expect([ends.get(subject)?.code, ends.get(subject)!.afterMs < promisedMs], `a session, its ${subject} revoked`).toEqual([
        '57P01',
        true,
      ])
    })
  await prove('others', async () =>
    expect((await answered(bystander.query('select 1 as one'), 'a session that was not meant')).rows).toEqual([{ one: 1 }]),
  )
  await prove('new-logins', () => {
    for (const [subject, login] of logins)
      expect([login.ok, login.sqlstate, login.audit?.reason], subject).toEqual([false, '28000', 'token_revoked'])
  })
  await prove('within-answer', () => {
    expect(within.letters, 'kinds of messages up to the cut').toMatch(/^TD+$/)
    expect(within.strange, 'rows that are not as they were asked for').toBe(0)
    expect(within.ended).not.toBeNull()
  })
  await prove('waiting', () => expect(waiting).toEqual(['E', '57P01']))
  if (pulled === null) return
  await prove('pulled', () => {
    expect([pulled.end.code, pulled.end.afterMs < promisedMs], 'an open session').toEqual(['57P01', true])
    expect([pulled.refused.ok, pulled.refused.audit?.reason], 'a new login').toEqual([false, 'token_revoked'])
    expect(pulled.again, 'a new login, when the list is empty again').toBe(true)
  })
  await prove('stale', () => {
    expect([pulled.late.ok, pulled.late.sqlstate, pulled.late.audit?.reason]).toEqual([false, '57P03', 'revocations_unknown'])
    expect(pulled.ready, 'whether it is ready').toBe(false)
  })
})

/** The list is kept by somebody else, who puts a subject on it, takes it off again, and is not there any more. */
async function pullList(stack: Stack, gateway: Trial<'SEC-142'>['gateway'], client: pg.Client, token: string, sub: string) {
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  await using keeper = await startPublisher()
  const list = (...revocations: readonly object[]) =>
    keeper.behave((response) => void response.writeHead(200).end(JSON.stringify({ revocations })))
  list()
  const pull = { url: keeper.url, intervalSeconds: 30, maxStaleSeconds: 300, whenStale: 'closed' }
  await using _changed = await reconfigure(stack, { apply: (config) => ({ ...config, revocation: { pull } }) })
  const session = watchEnd(client, patienceMs)
  try {
    await holds(() => isReady(stack))
    list({ sub })
    const { requests } = keeper
    await shift(31)
    await holds(() => keeper.requests > requests)
    const end = await session.ended(performance.now())
    const refused = await gateway.attempt(token)
    list()
    await shift(62)
    const again = await holds(async () => (await gateway.attempt(token)).ok)
    keeper.behave((response) => void response.writeHead(500).end())
    await shift(62 + 301)
    const late = await gateway.attempt(token)
    return { end, refused, again, late, ready: await isReady(stack) }
  } finally {
    await shift(0)
  }
}

type Issuers = readonly { readonly keys: readonly object[] }[]

const withKey = (issuers: Issuers, id: string, publicKey: string) =>
  issuers.map((issuer) => ({ ...issuer, keys: [...issuer.keys, { id, algorithm: 'RS256', publicKey }] }))

async function openLogin(
  { door, role }: Stack,
  token: string,
): Promise<{ readonly probe: Probe; readonly wish: Parameters<Probe['logIn']>[0] }> {
  const probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  return { probe, wish: { user: role, database: door.database, password: token } }
}

/** A long answer is under way and its client reads no more, when the token is revoked; then everything is read that came. */
async function cutWithinAnswer(stack: Stack, token: string, revoke: () => Promise<unknown>) {
  const { probe, wish } = await openLogin(stack, token)
  await using _ = probe
  const login = await probe.logIn(wish)
  if (!login.ok) throw new Error('the login that is to be cut did not succeed')
  probe.send(encode.query(`select repeat('x', 1000) from generate_series(1, 60000)`))
  let letters = (await probe.read()).type
  probe.stall(true)
  await revoke()
  probe.stall(false)
  let strange = 0
  for (let message = await nextOf(probe); message !== null; message = await nextOf(probe)) {
    letters += message.type
    if (message.type === 'D' && !message.body.subarray(6).every((byte) => byte === 0x78)) strange++
  }
  // Of the row that was cut what came must be its own, too.
  const piece = Buffer.concat(await leftOver(probe))
  return { letters, strange: strange + (isBeginOfRow(piece) ? 0 : 1), ended: probe.ending }
}

const rowHeadBytes = 11

function isBeginOfRow(piece: Buffer): boolean {
  return piece.length === 0 || (piece[0] === 0x44 && piece.subarray(rowHeadBytes).every((byte) => byte === 0x78))
}

async function leftOver(probe: Probe): Promise<Buffer[]> {
  const bytes: Buffer[] = []
  for (;;) {
    const byte = await probe.readBytes(1).catch(() => null)
    if (byte === null) return bytes
    bytes.push(byte)
  }
}

async function nextOf(probe: Probe): Promise<Message | null> {
  return await probe.read().catch((error: unknown) => {
    if (error instanceof ProbeError) return null
    throw error
  })
}

/** The pooler does not answer, so the login waits; the token is revoked meanwhile. The kind of the first message after that, and its code. */
async function endWaiting(stack: Stack, token: string, revoke: () => Promise<readonly { readonly sessionsEnded?: number }[]>) {
  const link = stack.link('pooler-0')
  await using _hole = link.blackhole()
  const { probe, wish } = await openLogin(stack, token)
  await using _ = probe
  const { opened } = link.counters
  const login = probe.logIn(wish)
  for (const deadline = performance.now() + 5000; link.counters.opened === opened && performance.now() < deadline;) await sleep(10)
  await revoke()
  const { error, trouble } = await login
  return error === undefined ? ['none', trouble?.code] : ['E', error.sqlstate]
}
