/** What the cache of verified tokens holds and serves: known tokens without a new check, for as long and as many as it is set to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import { spec, wish, type Trial } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { letRevoke } from '../sec/revoking.ts'

type Gateway = Trial<'CACHE-001'>['gateway']
type Mint = Trial<'CACHE-001'>['mint']

/** The cache's own account of itself. */
interface Counts {
  readonly checks: number
  readonly hits: number
  readonly misses: number
  readonly entries: number
}

async function counts(gateway: Gateway): Promise<Counts> {
  const metrics = await gateway.metrics()
  return {
    checks: metrics.get('orochi_gateway_token_verifications_total'),
    hits: metrics.get('orochi_gateway_token_cache_hits_total'),
    misses: metrics.get('orochi_gateway_token_cache_misses_total'),
    entries: metrics.get('orochi_gateway_token_cache_entries'),
  }
}

/** A gateway that has just started remembers nothing. */
async function emptyCache(stack: Stack): Promise<void> {
  const part = stack.part('gateway-0')
  if (part.kill === undefined || part.restart === undefined)
    throw new Error('the gateway cannot be started afresh by this provider, so no empty cache is at hand')
  await part.kill('SIGTERM')
  await part.restart()
}

const whoAmI = 'select orochi.tenant_id() as tenant, orochi.user_id() as subject'

/** One presentation: how it ended, and what the cache made of it. */
interface Presentation {
  readonly attempt: Attempt
  readonly checks: number
  readonly hits: number
  readonly misses: number
  /** Entries afterwards. */
  readonly entries: number
}

async function present(gateway: Gateway, token: string): Promise<Presentation> {
  const before = await counts(gateway)
  const attempt = await gateway.attempt(token, { query: whoAmI })
  const after = await counts(gateway)
  return {
    attempt,
    checks: after.checks - before.checks,
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    entries: after.entries,
  }
}

/** Served from the cache, or verified as new. */
const served = { checks: 0, hits: 1, misses: 0 }
const anew = { checks: 1, hits: 0, misses: 1 }
const accountOf = ({ checks, hits, misses }: Presentation) => ({ checks, hits, misses })

function expectIdentity({ attempt }: Presentation, name: string, when: string): void {
  expect([attempt.message, attempt.rows], when).toEqual([undefined, [{ tenant: `tenant-${name}`, subject: `user-${name}` }]])
}

const mintFor = (mint: Mint, name: string, more: { readonly ttlSeconds?: number } = {}) =>
  mint({ ...more, claims: { tenant_id: `tenant-${name}`, sub: `user-${name}` } })

spec('CACHE-001', async ({ gateway, mint, prove }) => {
  const [token, neighbour] = [await mintFor(mint, 'known'), await mintFor(mint, 'neighbour')]
  const first = await present(gateway, token)
  const again = await present(gateway, token)
  await present(gateway, neighbour)
  const third = await present(gateway, token)

  await prove('used', () => {
    expectIdentity(first, 'known', 'the first time')
    expect(accountOf(first), 'the first time').toMatchObject({ hits: 0, misses: 1 })
    for (const [when, later] of Object.entries({ 'the second time': again, 'after another token': third })) {
      expectIdentity(later, 'known', when)
      expect(accountOf(later), when).toMatchObject({ hits: 1, misses: 0 })
    }
  })
  await prove('no-check', () => {
    expect(first.checks, 'signature checks the first time').toBeGreaterThan(0)
    expect([again.attempt.ok, again.checks], 'verdict and signature checks the second time').toEqual([true, 0])
    expect([third.attempt.ok, third.checks], 'and after another token').toEqual([true, 0])
  })
})

spec('CACHE-002', async ({ stack, gateway, mint, prove }) => {
  await emptyCache(stack)
  const empty = await counts(gateway)
  const names = ['first', 'second', 'third']
  const tokens: string[] = []
  for (const name of names) tokens.push(await mintFor(mint, name))
  const unseen: Presentation[] = []
  for (const token of tokens) unseen.push(await present(gateway, token))
  const again: Presentation[] = []
  for (const token of tokens) again.push(await present(gateway, token))

  await prove('verified-once', () => {
    expect(empty.checks, 'signature checks by a gateway that has just started').toBe(0)
    for (const [index, one] of unseen.entries()) {
      expectIdentity(one, names[index]!, `the ${names[index]} token`)
      expect(one.checks, `signature checks for the ${names[index]} token`).toBe(1)
    }
  })
  await prove('stored', () => {
    expect([empty.entries, ...unseen.map(({ entries }) => entries)], 'entries at first, and after each token').toEqual([0, 1, 2, 3])
    for (const [index, one] of again.entries()) {
      expect(accountOf(one), `the ${names[index]} token, presented again`).toEqual(served)
      expect(one.entries, 'entries then').toBe(3)
    }
  })
})

spec('CACHE-003', async ({ stack, gateway, mint, prove }) => {
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const brief = { entries: 10, ttlSeconds: 1 }
  await using _changed = await reconfigure(stack, {
    apply: (config) => ({ ...config, tokens: { ...(config['tokens'] as object), cache: brief } }),
  })
  const token = await mintFor(mint, 'brief')
  try {
    const first = await present(gateway, token)
    await shift(2)
    const late = await present(gateway, token)
    await shift(4)
    const left = await lastEntries(gateway)

    await prove('not-served', () => {
      expect([first.attempt.ok, accountOf(first)], 'the first time').toEqual([true, anew])
      expectIdentity(late, 'brief', '2 s later')
      expect(accountOf(late), '2 s later').toEqual(anew)
    })
    await prove('removed', () => expect([late.entries, left], 'entries when it was stored again, and 2 s later').toEqual([1, 0]))
  } finally {
    await shift(0)
  }
})

/** Entries once there are none, or after five seconds: who removes them by a timer has true time for it. */
async function lastEntries(gateway: Gateway): Promise<number> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const { entries } = await counts(gateway)
    if (entries === 0 || performance.now() > deadline) return entries
    await sleep(100)
  }
}

spec('CACHE-005', async ({ stack, gateway, mint, seed, prove }) => {
  await using revoker = await letRevoke(stack)
  const jti = `jti-${seed}`
  const token = await mint({ claims: { jti, tenant_id: 'tenant-revoked', sub: 'user-revoked' } })
  const neighbour = await mintFor(mint, 'neighbour')
  const known = [await present(gateway, token), await present(gateway, token)]
  await present(gateway, neighbour)
  await revoker.revoke({ jti })
  const after = [await present(gateway, token), await present(gateway, token)]
  const other = await present(gateway, neighbour)

  await prove('rejected', () => {
    expect(
      known.map(({ attempt }) => attempt.ok),
      'before',
    ).toEqual([true, true])
    for (const { attempt } of after) expect([attempt.ok, attempt.severity, attempt.sqlstate]).toEqual([false, 'FATAL', '28000'])
  })
  await prove('no-hit', () => {
    expect(
      known.map(({ hits }) => hits),
      'hits before',
    ).toEqual([0, 1])
    expect(
      after.map(({ hits }) => hits),
      'hits afterwards',
    ).toEqual([0, 0])
    expect(accountOf(other), 'a token that was not revoked').toEqual(served)
  })
})

const cacheEntries = 3
const small = wish({ gateway: { cacheEntries } })

small('CACHE-004', async ({ stack, gateway, mint, prove }) => {
  await emptyCache(stack)
  const tokens = new Map<string, string>()
  for (const name of ['a', 'b', 'c', 'd', 'e']) tokens.set(name, await mintFor(mint, name))
  const use = (name: string) => present(gateway, tokens.get(name)!)
  const stored = [await use('a'), await use('b'), await use('c')]
  // The oldest is used once more: it must outlive the two that were stored after it.
  const usedAgain = await use('a')
  stored.push(await use('d'), await use('e'))
  const kept = { a: await use('a'), d: await use('d'), e: await use('e') }
  const gone = { b: await use('b'), c: await use('c') }

  await prove('bounded', () => {
    expect(
      stored.map(({ attempt }) => attempt.ok),
      'five tokens',
    ).toEqual([true, true, true, true, true])
    expect(
      stored.map(({ entries }) => entries),
      'entries after each of them',
    ).toEqual([1, 2, cacheEntries, cacheEntries, cacheEntries])
    for (const { entries } of [...Object.values(kept), ...Object.values(gone)]) expect(entries, 'and later').toBe(cacheEntries)
  })
  await prove('least-recent', () => {
    expect(accountOf(usedAgain), 'token a, while there was room').toEqual(served)
    for (const [name, one] of Object.entries(kept)) expect(accountOf(one), `token ${name}, of the three used last`).toEqual(served)
    for (const [name, one] of Object.entries(gone)) expect(accountOf(one), `token ${name}, used longest ago`).toEqual(anew)
    for (const [name, one] of Object.entries({ ...kept, ...gone })) expectIdentity(one, name, `token ${name}`)
  })
})

spec('CACHE-007', async ({ gateway, mint, random, prove }) => {
  const tokens: string[] = []
  for (let index = 0; index < 12; index++) tokens.push(await mintFor(mint, `mix-${index}`))
  // Each at least once and then some again, in an order that the seed decides.
  const order = [...tokens, ...Array.from({ length: 28 }, () => tokens[Math.floor(random() * tokens.length)]!)]
  const mix = order.map((token) => ({ token, at: random() })).toSorted((one, other) => one.at - other.at)
  const before = await counts(gateway)
  const verdicts: boolean[] = []
  for (const { token } of mix) verdicts.push((await gateway.attempt(token)).ok)
  const middle = await counts(gateway)
  await Promise.all(tokens.map((token) => gateway.attempt(token)))
  const after = await counts(gateway)

  await prove('hits', () => {
    expect(verdicts, 'verdicts').toEqual(mix.map(() => true))
    expect(middle.hits - before.hits, `hits by ${mix.length} presentations of ${tokens.length} tokens`).toBe(mix.length - tokens.length)
    expect(after.hits - middle.hits, 'hits by all of them at the same time').toBe(tokens.length)
  })
  await prove('misses', () => {
    expect(middle.misses - before.misses, `misses by ${mix.length} presentations of ${tokens.length} tokens`).toBe(tokens.length)
    expect(after.misses - middle.misses, 'misses by all of them at the same time').toBe(0)
  })
})
