import { expect, test } from 'vitest'
import { Addresses, Pooler } from './addresses.ts'
import { Refusal } from './reasons.ts'

const poolerAt = (name: string) => new Pooler({ name, at: { path: name }, tls: null })

function group(...names: string[]) {
  const clock = { ms: 0 }
  const poolers = names.map(poolerAt)
  const addresses = new Addresses(poolers, () => clock.ms)
  const tried: string[] = []
  /** Those that fail, and how. */
  const broken = new Map<string, Refusal>()
  const take = async () =>
    await addresses.take(900, ({ name }, timeoutMs) => {
      tried.push(`${name} ${timeoutMs}`)
      const refusal = broken.get(name)
      return refusal === undefined ? Promise.resolve(name) : Promise.reject(refusal)
    })
  return { clock, poolers, tried, broken, take, triedNow: () => tried.splice(0) }
}

const down = new Refusal('upstream_unavailable')

test('sessions spread over the poolers by how many each has', async () => {
  const { take, poolers } = group('a', 'b', 'c')
  const held = [await take(), await take(), await take(), await take()]
  expect(poolers.map(({ open }) => open)).toEqual([2, 1, 1])
  held[1]!.release()
  expect((await take()).result).toBe('b')
})

test('one that fails is passed over for a while, longer each time, and another one is tried at once', async () => {
  const { take, broken, triedNow, clock, poolers } = group('a', 'b')
  broken.set('a', down)
  expect((await take()).result).toBe('b')
  expect(triedNow()).toEqual(['a 450', 'b 900'])
  await take()
  expect(triedNow()).toEqual(['b 450'])
  clock.ms = 1000
  await take()
  expect(triedNow()).toEqual(['a 450', 'b 900'])
  clock.ms = 2999
  await take()
  expect(triedNow()).toEqual(['b 450'])
  clock.ms = 3000
  broken.clear()
  expect((await take()).result).toBe('a')
  expect(poolers[0]!.isUp(clock.ms)).toBe(true)
  expect(poolers.map(({ open }) => open)).toEqual([1, 4])
})

test('when all are passed over they are tried all the same; the last word counts', async () => {
  const { take, broken, triedNow } = group('a', 'b')
  broken.set('a', down).set('b', new Refusal('upstream_timeout'))
  await expect(take()).rejects.toMatchObject({ reason: 'upstream_timeout' })
  expect(triedNow()).toHaveLength(2)
  await expect(take()).rejects.toMatchObject({ reason: 'upstream_timeout' })
  expect(triedNow()).toHaveLength(2)
})

test('what is the client’s own fault is not tried elsewhere, and one that is full is not ill', async () => {
  const { take, broken, triedNow } = group('a', 'b')
  broken.set('a', new Refusal('bad_parameter'))
  await expect(take()).rejects.toMatchObject({ reason: 'bad_parameter' })
  expect(triedNow()).toHaveLength(1)
  broken.set('a', new Refusal('upstream_unavailable', { sqlstate: '53300' }))
  await take().then(({ release }) => release())
  await take()
  expect(triedNow()).toEqual(['a 450', 'b 900', 'a 450', 'b 900'])
})

test('each has its share of the time', async () => {
  const clock = { ms: 0 }
  const shares: number[] = []
  const addresses = new Addresses(['a', 'b', 'c', 'd'].map(poolerAt), () => clock.ms)
  const slow = addresses.take(1000, (_address, timeoutMs) => {
    shares.push(timeoutMs)
    clock.ms += shares.length === 3 ? 10_000 : timeoutMs
    return Promise.reject(down)
  })
  await expect(slow).rejects.toBe(down)
  expect(shares).toEqual([250, 250, 250])
})
