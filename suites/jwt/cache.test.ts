/** The cache of verified tokens: it saves work, never outlives a token, keeps its bound, and bears a crowd. */
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, firstText, openTlsProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import { watchSize } from '../cache/size.ts'
import type { Metrics } from '../kit/gateway.ts'

/** Small, so that the bound is met. */
const cacheEntries = 16
const spec = wish({ gateway: { cacheEntries, cacheTtlSeconds: 300 } })

const identity = `select orochi.tenant_id() as tenant, orochi.user_id() as subject`

interface Counts {
  readonly verifications: number
  readonly hits: number
  readonly misses: number
  readonly entries: number
}

const countsOf = (metrics: Metrics): Counts => ({
  verifications: metrics.get('orochi_gateway_token_verifications_total'),
  hits: metrics.get('orochi_gateway_token_cache_hits_total'),
  misses: metrics.get('orochi_gateway_token_cache_misses_total'),
  entries: metrics.get('orochi_gateway_token_cache_entries'),
})

type Gateway = Trial<'JWT-006'>['gateway']

/** What the counters show; zeros where there are none, for the clauses that do not look at them. */
async function counts(stack: Stack, gateway: Gateway): Promise<Counts> {
  return stack.can('gateway-metrics').here ? countsOf(await gateway.metrics()) : { verifications: 0, hits: 0, misses: 0, entries: 0 }
}

/** How far the counters that only rise have risen. */
const rise = (from: Counts, to: Counts) => ({
  verifications: to.verifications - from.verifications,
  hits: to.hits - from.hits,
  misses: to.misses - from.misses,
})

spec('JWT-006', async ({ stack, gateway, mint, prove }) => {
  const token = await mint({ claims: { sub: 'user-cached', tenant_id: 'tenant-a' } })
  const neighbour = await mint({ claims: { sub: 'user-next', tenant_id: 'tenant-b' } })
  const before = await counts(stack, gateway)
  const first = await gateway.attempt(token, { query: identity })
  const afterFirst = await counts(stack, gateway)
  const second = await gateway.attempt(token, { query: identity })
  const afterSecond = await counts(stack, gateway)
  const other = await gateway.attempt(neighbour, { query: identity })
  const third = await gateway.attempt(token, { query: identity })
  const afterThird = await counts(stack, gateway)

  await prove('same-verdict', () => {
    const verdict = { ok: true, rows: [{ tenant: 'tenant-a', subject: 'user-cached' }] }
    expect(first).toMatchObject(verdict)
    expect(other, 'another token in between').toMatchObject({ ok: true, rows: [{ tenant: 'tenant-b', subject: 'user-next' }] })
    expect(second, 'the second time').toMatchObject(verdict)
    expect(third, 'the third time').toMatchObject(verdict)
  })
  await prove('verified-once', () => {
    expect(rise(before, afterFirst).verifications, 'signature checks after the first presentation').toBe(1)
    expect(rise(before, afterSecond).verifications, 'after the second').toBe(1)
    expect(rise(before, afterThird).verifications, 'after the third, and one of another token').toBe(2)
  })
  await prove('hit-counted', () => {
    expect(rise(before, afterFirst).hits, 'hits by the first presentation').toBe(0)
    expect(rise(afterFirst, afterSecond).hits, 'hits by the second').toBe(1)
    expect(rise(afterSecond, afterThird).hits, 'hits by the third, and the first of another token').toBe(1)
  })
})

spec('JWT-007', async ({ stack, gateway, mint, prove }) => {
  await emptyCache(stack)
  const empty = await counts(stack, gateway)
  const token = await mint()
  const first = await gateway.attempt(token)
  const afterFirst = await counts(stack, gateway)
  await gateway.attempt(await mint())
  const afterOther = await counts(stack, gateway)
  const again = await gateway.attempt(token)
  const afterAgain = await counts(stack, gateway)

  await prove('verified-once', () => {
    expect(first).toMatchObject({ ok: true })
    expect(rise(empty, afterFirst).verifications, 'signature checks for a token never seen').toBe(1)
    expect(rise(afterFirst, afterOther).verifications, 'and for another').toBe(1)
  })
  await prove('stored', () => {
    expect([empty.entries, afterFirst.entries, afterOther.entries], 'entries of the empty cache, after one token and after two').toEqual([
      0, 1, 2,
    ])
    expect(again).toMatchObject({ ok: true })
    expect(rise(afterOther, afterAgain), 'presented again').toEqual({ verifications: 0, hits: 1, misses: 0 })
  })
  await prove('miss-counted', () => {
    expect(rise(empty, afterFirst).misses, 'misses by a token never seen').toBe(1)
    expect(rise(afterFirst, afterOther).misses, 'and by another').toBe(1)
  })
})

/** A gateway that has just started remembers nothing. */
async function emptyCache(stack: Stack): Promise<void> {
  const part = stack.part('gateway-0')
  if (part.kill === undefined || part.restart === undefined)
    throw new Error('the gateway cannot be started afresh by this provider, so no empty cache is at hand')
  await part.kill('SIGTERM')
  await part.restart()
}

spec('JWT-008', async ({ stack, gateway, mint, prove }) => {
  const { cacheTtlSeconds, leewaySeconds } = stack.topology.gateway ?? { cacheTtlSeconds: 300, leewaySeconds: 30 }
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const long = await mint({ ttlSeconds: 3600 })
  const short = await mint({ ttlSeconds: 60 })
  try {
    const start = await counts(stack, gateway)
    const known = [await gateway.attempt(long), await gateway.attempt(short), await gateway.attempt(long), await gateway.attempt(short)]
    const warm = await counts(stack, gateway)
    await shift(60 + leewaySeconds + 2)
    const ended = [await gateway.attempt(short), await gateway.attempt(short)]
    const beforeStale = await counts(stack, gateway)
    const fresh = await gateway.attempt(long)
    const afterFresh = await counts(stack, gateway)
    await shift(cacheTtlSeconds + 2)
    const stale = await gateway.attempt(long)
    const afterStale = await counts(stack, gateway)

    const expectCached = () => {
      expect(
        known.map(({ ok }) => ok),
        'both tokens, twice each',
      ).toEqual([true, true, true, true])
      if (stack.can('gateway-metrics').here)
        expect(rise(start, warm), 'each is verified once and served once').toMatchObject({ verifications: 2, hits: 2 })
    }
    await prove('verified-afresh', () => {
      expectCached()
      expect([fresh.ok, rise(beforeStale, afterFresh)], 'before the end of the TTL').toEqual([
        true,
        { verifications: 0, hits: 1, misses: 0 },
      ])
      expect([stale.ok, rise(afterFresh, afterStale)], 'past the TTL').toEqual([true, { verifications: 1, hits: 0, misses: 1 }])
    })
    await prove('rejected-expired', () => {
      expectCached()
      for (const attempt of ended) {
        expect(attempt.ok, 'a login past the token’s end').toBe(false)
        expect(attempt.sqlstate ?? 'none').toMatch(/^28/)
        expect(attempt.audit).toMatchObject({ outcome: 'refused', reason: 'token_expired' })
      }
    })
  } finally {
    await shift(0)
  }
})

const tasks = 100
const presentationsPerTask = 11

/** What one presentation came to: the tenant and subject of the session, or the refusal's code, or what went wrong. */
async function verdictOf(stack: Stack, token: string): Promise<string> {
  const { door } = stack
  try {
    await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername }, { deadlineMs: 20_000 })
    const login = await probe.logIn({ user: 'tenant_user', database: door.database, password: token })
    if (login.error) return `refused ${login.error.severity} ${login.error.sqlstate} ${login.error.message}`
    if (login.trouble) return `trouble ${login.trouble.code}: ${login.trouble.message}`
    return `accepted ${firstText(await probe.query(`select orochi.tenant_id() || ' ' || orochi.user_id()`))}`
  } catch (error) {
    return `trouble ${(error as Error).message}`
  }
}

interface Card {
  readonly kind: 'valid' | 'expired' | 'forged'
  readonly token: string
  readonly truth: RegExp
}

/** More valid tokens than the cache holds, each for a tenant and subject of its own; forgeries that carry the words of valid ones. */
async function deal(mint: Trial<'JWT-009'>['mint']): Promise<readonly Card[]> {
  const stranger = await makeKeyPair()
  const cards: Card[] = []
  for (let index = 0; index < cacheEntries + 8; index++) {
    const claims = { tenant_id: `tenant-${index}`, sub: `user-${index}` }
    const token = await mint({ claims })
    cards.push({ kind: 'valid', token, truth: new RegExp(`^accepted tenant-${index} user-${index}$`) })
    if (index % 2 === 0) cards.push({ kind: 'expired', token: await mint({ claims, expiredMinutesAgo: 10 }), truth: /^refused FATAL 28/ })
    const payloadText = Buffer.from(token.split('.')[1]!, 'base64url').toString()
    const forged = index % 2 === 0 ? { payloadText, signedBy: stranger.privateKeyPem } : { claims, alteredPayload: true }
    cards.push({ kind: 'forged', token: await mint(forged), truth: /^refused FATAL 28/ })
  }
  return cards
}

interface Play {
  readonly card: Card
  readonly verdict: string
}

/** Each hand is a task of its own: it presents its cards one after another, while all the others do the same. */
async function playTogether(hands: readonly (readonly Card[])[], stack: Stack): Promise<readonly Play[]> {
  const played: Play[] = []
  const play = async (hand: readonly Card[]) => {
    for (const card of hand) played.push({ card, verdict: await verdictOf(stack, card.token) })
  }
  await Promise.all(hands.map(play))
  return played
}

spec('JWT-009', async ({ stack, gateway, mint, random, prove, measure }) => {
  const part = stack.part('gateway-0')
  const cards = await deal(mint)
  const sequential = new Map<string, string>()
  for (const { token } of cards) sequential.set(token, await verdictOf(stack, token))
  const pick = () => cards[Math.floor(random() * cards.length)]!
  const hands = Array.from({ length: tasks }, () => Array.from({ length: presentationsPerTask }, pick))
  const { pid } = part
  const started = performance.now()
  const sizes: number[] = []
  const watch = watchSize({ stack, gateway }, sizes)
  const played = await playTogether(hands, stack)
  await watch.stop()
  measure('presentations', played.length, 'logins')
  measure('presentation_rate', (played.length / (performance.now() - started)) * 1000, '1/s')

  await prove('same-verdicts', () => {
    for (const { kind, token, truth } of cards) expect(sequential.get(token) ?? '', `a ${kind} token alone`).toMatch(truth)
    const unlike = played.filter(({ card, verdict }) => verdict !== sequential.get(card.token))
    const told = unlike.map(({ card, verdict }) => `${card.kind}: ${verdict}; alone: ${sequential.get(card.token)}`)
    expect([...new Set(told)].slice(0, 10).join('\n'), `${unlike.length} verdicts unlike the sequential ones`).toBe('')
    expect(new Set(played.map(({ card }) => card.kind)), 'kinds presented').toEqual(new Set(['valid', 'expired', 'forged']))
  })
  await prove('alive', async () => {
    expect(played.length, 'presentations that came to an end').toBe(tasks * presentationsPerTask)
    const troubles = played.map(({ verdict }) => verdict).filter((verdict) => verdict.startsWith('trouble'))
    expect([...new Set(troubles)].slice(0, 10).join('\n'), `${troubles.length} presentations without a verdict`).toBe('')
    expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid])
    expect(await answered(verdictOf(stack, await mint()), 'a login afterwards')).toMatch(/^accepted/)
  })
  await prove('bounded', () => {
    expect(sizes.length, 'looks at the size of the cache').toBeGreaterThan(2)
    expect(
      Math.max(...sizes),
      `entries, while ${cards.filter(({ kind }) => kind === 'valid').length} valid tokens went round`,
    ).toBeLessThanOrEqual(cacheEntries)
    expect(sizes.at(-1), 'entries at the end').toBeGreaterThan(0)
  })
})
