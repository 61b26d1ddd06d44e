import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue, type Seat } from './queue.ts'

const soon = () => new Promise<string>((resolve) => setImmediate(() => resolve('seated')))
const outcomeOf = (seat: Seat) => Promise.race([seat.evicted.catch((cause: Error) => cause.message), soon()])

test('only so many wait, and only so many of one tenant', () => {
  const queue = new FairQueue({ total: 3, perTenant: 2, concurrent: 1 })
  const seats = [queue.enter('a'), queue.enter('a')]
  expect(() => queue.enter('a')).toThrow('upstream_wake_full')
  seats.push(queue.enter('b'))
  expect(() => queue.enter('b')).toThrow('upstream_wake_full')
  expect(queue.size).toBe(3)
  seats[0]![Symbol.dispose]()
  seats[0]![Symbol.dispose]()
  expect(queue.size).toBe(2)
  queue.enter('a')
})

test('a full queue makes room for a tenant that has fewer, at the cost of the newest of the one that has most', async () => {
  const queue = new FairQueue({ total: 3, perTenant: 3, concurrent: 1 })
  const greedy = [queue.enter('a'), queue.enter('a'), queue.enter('a')]
  const modest = queue.enter('b')
  expect(await Promise.all([...greedy, modest].map(outcomeOf))).toEqual([
    'seated',
    'seated',
    expect.stringContaining('upstream_wake_full'),
    'seated',
  ])
  expect(() => queue.enter('b')).toThrow('upstream_wake_full')
  expect(queue.size).toBe(3)
})

test('tenants take turns, however many of one came first', async () => {
  const queue = new FairQueue({ total: 10, perTenant: 10, concurrent: 1 })
  const order: string[] = []
  const go = async (tenant: string, name: string) => {
    using seat = queue.enter(tenant)
    using _turn = await seat.turn()
    order.push(name)
    await Promise.resolve()
  }
  await Promise.all([go('a', 'a1'), go('a', 'a2'), go('a', 'a3'), go('b', 'b1'), go('c', 'c1')])
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3'])
})

test('whatever comes and goes: never too many at once, and everybody who stays gets a turn', async () => {
  const visit = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), async (visits, concurrent) => {
      const queue = new FairQueue({ total: 100, perTenant: 100, concurrent })
      let going = 0
      let served = 0
      const all = visits.map(async ({ tenant, leaves }) => {
        using seat = queue.enter(tenant)
        if (leaves) return
        using _turn = await seat.turn()
        expect(++going).toBeLessThanOrEqual(concurrent)
        await Promise.resolve()
        going--
        served++
      })
      await Promise.all(all)
      expect([served, queue.size]).toEqual([visits.filter(({ leaves }) => !leaves).length, 0])
    }),
  )
})
