import { expect, test } from 'vitest'
import { lagMs, lsnOf } from './lag.ts'

test('places in the log are compared as numbers', () => {
  expect(lsnOf('16/B374D848')).toBe(0x16_b374_d848n)
  expect(lsnOf('0/0')).toBe(0n)
  expect([lsnOf(null), lsnOf(''), lsnOf('1/2/3')]).toEqual([null, null, null])
})

const samples = [
  { at: 1000, lsn: 10n },
  { at: 1200, lsn: 10n },
  { at: 1400, lsn: 30n },
  { at: 1600, lsn: 50n },
]

test.each<[bigint, number]>([
  [60n, 0],
  [50n, 0],
  [49n, 200],
  [30n, 200],
  [29n, 400],
  [9n, Infinity],
])('a replica at %s is %s ms behind', (replayed, expected) => {
  expect(lagMs(samples, replayed)).toBe(expected)
})

test('nobody is behind a primary of which nothing is known', () => {
  expect(lagMs([], 1n)).toBe(0)
})
