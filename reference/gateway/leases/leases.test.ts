import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Refusal } from '../reasons.ts'
import { keyOf, StoredLeases, type LeaseTerms } from './leases.ts'
import type { Line } from './line.ts'

/** A store in memory, which any number of gateways share; it can be away, and can hold answers back. */
function openStore() {
  const members = new Map<string, Map<string, number>>()
  const lines: AbortController[] = []
  let [away, named] = [false, 0]
  let gate: Promise<void> = Promise.resolve()
  const others = (self: string, tenant: string) =>
    [...members].reduce((sum, [member, places]) => (member === self ? sum : sum + (places.get(tenant) ?? 0)), 0)
  const open: LeaseTerms['open'] = (before, held) => {
    if (away) return Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    const member = `m${++named}`
    if (before !== null) members.delete(before)
    members.set(member, new Map(held))
    const broken = new AbortController()
    lines.push(broken)
    const line: Line = {
      member,
      broken: broken.signal,
      async settle(asks) {
        const given = asks.map(({ tenant, held: mine, wanted, places }) => {
          const more = Math.max(0, Math.min(wanted, places - mine - others(member, tenant)))
          members.get(member)?.set(tenant, mine + more)
          return more
        })
        await gate
        if (away || !members.has(member)) throw new Error('lost')
        return given
      },
      renew: () => (members.has(member) ? Promise.resolve() : Promise.reject(new Error('lost'))),
      resign: () => Promise.resolve(void members.delete(member)),
      [Symbol.dispose]: () => {},
    }
    return Promise.resolve(line)
  }
  const raise = (whenAway: 'refuse' | 'local' = 'refuse', more: Partial<LeaseTerms> = {}) =>
    new StoredLeases({
      open,
      leaseMs: 3_600_000,
      timeoutMs: 5000,
      whenAway,
      waiting: 100,
      onState: () => {},
      onSettled: () => {},
      ...more,
    })
  return {
    raise,
    taken: (tenant: string) => others('', tenant),
    members,
    leave: () => ((away = true), lines.splice(0).forEach((line) => line.abort(new Error('gone')))),
    comeBack: () => void (away = false),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}

const fateOf = (taking: Promise<Disposable>) =>
  taking.then(
    () => 'in',
    (cause: unknown) => (cause instanceof Refusal ? cause.reason : 'error'),
  )

test('two gateways together let in no more than there are places, in the order they came; whoever leaves makes room', async () => {
  const store = openStore()
  await using one = store.raise()
  await using other = store.raise()
  const first = await one.take('a', 2)
  expect(await fateOf(other.take('a', 2))).toBe('in')
  expect([await fateOf(one.take('a', 2)), await fateOf(other.take('a', 2))]).toEqual(['too_many_for_tenant', 'too_many_for_tenant'])
  expect(await fateOf(other.take('b', 2))).toBe('in')
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await expect.poll(() => store.taken('a')).toBe(1)
  expect(await fateOf(other.take('a', 2))).toBe('in')
})

test('many at once: exactly as many as there are places, and given back to the last one', async () => {
  const store = openStore()
  await using one = store.raise()
  await using other = store.raise()
  const all = await Promise.allSettled(Array.from({ length: 60 }, (_, at) => (at % 2 ? one : other).take('a', 7)))
  const places = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect([places.length, store.taken('a')]).toEqual([7, 7])
  for (const place of places) place[Symbol.dispose]()
  await expect.poll(() => store.taken('a')).toBe(0)
  await expect.poll(() => one.size + other.size).toBe(0)
})

test('a store that is away: by the policy nobody is let in, or everybody; who is in is told to it when it is back', async () => {
  const store = openStore()
  await using strict = store.raise('refuse')
  await using lax = store.raise('local')
  await strict.take('a', 9)
  await lax.take('a', 9)
  store.leave()
  await expect.poll(() => fateOf(strict.take('a', 9))).toBe('tenant_places_unknown')
  expect(await fateOf(lax.take('a', 9))).toBe('in')
  store.members.clear()
  store.comeBack()
  await expect.poll(() => store.taken('a'), { timeout: 5000 }).toBe(3)
  expect(await fateOf(strict.take('a', 4))).toBe('in')
  expect(await fateOf(strict.take('a', 4))).toBe('too_many_for_tenant')
})

test('an answer that comes too late gives nothing away', async () => {
  const store = openStore()
  await using leases = store.raise('refuse', { timeoutMs: 20 })
  await leases.take('a', 5)
  const release = store.hold()
  expect(await fateOf(leases.take('a', 5))).toBe('tenant_places_unknown')
  expect(store.taken('a')).toBe(2)
  release()
  await expect.poll(() => store.taken('a')).toBe(1)
})

test('so many may wait and no more', async () => {
  const store = openStore()
  await using leases = store.raise('refuse', { waiting: 2 })
  const release = store.hold()
  const fates = Array.from({ length: 4 }, () => fateOf(leases.take('a', 5)))
  expect(await Promise.all(fates.slice(2))).toEqual(['tenant_places_unknown', 'tenant_places_unknown'])
  release()
  expect(await Promise.all(fates)).toEqual(['in', 'in', 'tenant_places_unknown', 'tenant_places_unknown'])
})

test('an end gives everything back', async () => {
  const store = openStore()
  const leases = store.raise()
  await leases.take('a', 5)
  await leases[Symbol.asyncDispose]()
  expect(store.members.size).toBe(0)
})

test('losses are told once each, with the cause and no text of the store', async () => {
  const store = openStore()
  store.leave()
  const onState = vi.fn()
  await using _leases = store.raise('refuse', { onState })
  await expect.poll(() => onState.mock.calls).toEqual([['away', 'Error ECONNREFUSED']])
  store.comeBack()
  await expect.poll(() => onState.mock.calls.at(-1), { timeout: 5000 }).toEqual(['there', null])
})

test('whatever gateways do, together they hold no more than there are places, and in the end nothing', async () => {
  const step = fc.record({ gateway: fc.nat({ max: 2 }), tenant: fc.constantFrom('a', 'b'), leave: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = openStore()
      const gateways = [store.raise(), store.raise(), store.raise()]
      const held: { tenant: string; place: Disposable }[] = []
      const takes = steps.map(async ({ gateway, tenant, leave }) => {
        if (leave) held.pop()?.place[Symbol.dispose]()
        else held.push({ tenant, place: await gateways[gateway]!.take(tenant, 3) })
        for (const name of ['a', 'b']) expect(held.filter((each) => each.tenant === name).length).toBeLessThanOrEqual(3)
      })
      await Promise.allSettled(takes)
      for (const name of ['a', 'b']) expect(store.taken(name)).toBeLessThanOrEqual(3)
      for (const { place } of held) place[Symbol.dispose]()
      await vi.waitFor(() => expect(store.taken('a') + store.taken('b')).toBe(0))
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
    }),
    { numRuns: 30 },
  )
})

test('what is written down of a tenant can be read, unless it is not fit to be shown', () => {
  expect([keyOf('tenant-a'), keyOf('')]).toEqual(['tenant-a', ''])
  for (const odd of ['a\u0000b', 'zoë', 'x'.repeat(129), 'sha256:abc']) expect(keyOf(odd)).toMatch(/^sha256:[0-9a-f]{64}$/)
})
