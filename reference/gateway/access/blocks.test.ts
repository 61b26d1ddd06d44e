import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Blocks } from './blocks.ts'

const terms = { count: 3, windowMs: 1000, blockMs: 4000 }

function start() {
  const clock = { now: 5000 }
  const blocks = new Blocks({ capacity: 100, now: () => clock.now })
  return {
    clock,
    blocks: {
      fail: (key: string) => blocks.fail(key, terms),
      has: (key: string) => blocks.has(key, terms),
      size: () => blocks.failing + blocks.blocked,
    },
  }
}

test('the last failure that is allowed shuts out, until the time is over to the millisecond', () => {
  const { clock, blocks } = start()
  expect([blocks.fail('a'), blocks.fail('a'), blocks.has('a')]).toEqual([false, false, false])
  expect([blocks.fail('a'), blocks.has('a'), blocks.has('b')]).toEqual([true, true, false])
  clock.now += 3999
  expect(blocks.has('a')).toBe(true)
  clock.now += 1
  expect(blocks.has('a')).toBe(false)
})

test('failures while it is shut out prolong nothing, and count for nothing afterwards', () => {
  const { clock, blocks } = start()
  for (let failure = 0; failure < 50; failure++) blocks.fail('a')
  clock.now += 4000
  expect([blocks.has('a'), blocks.fail('a'), blocks.fail('a'), blocks.has('a')]).toEqual([false, false, false, false])
})

test('failures that are far apart shut nobody out', () => {
  const { clock, blocks } = start()
  for (let failure = 0; failure < 20; failure++) {
    expect(blocks.fail('a')).toBe(false)
    clock.now += 500 + (failure % 2) * 500
  }
})

test('a clock set back opens again', () => {
  const { clock, blocks } = start()
  for (let failure = 0; failure < 3; failure++) blocks.fail('a')
  clock.now = 0
  expect(blocks.has('a')).toBe(false)
})

test('memory is bounded, whoever fails', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 10_000 }), { minLength: 500, maxLength: 3000 }), (keys) => {
      const { blocks } = start()
      for (const key of keys) blocks.fail(String(key % 700))
      expect(blocks.size()).toBeLessThanOrEqual(200)
    }),
    { numRuns: 20 },
  )
})
