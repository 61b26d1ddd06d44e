import { expect, test } from 'vitest'
import { bootstrap, meanRatio, quantile } from './statistics.ts'

test('equal pairs give a ratio of one and no width', () => {
  expect(bootstrap([[5, 5], [7, 7], [2, 2]] as const, meanRatio)).toEqual({ value: 1, low: 1, high: 1 }) // prettier-ignore
})

test('the interval holds the ratio the pairs were made with, and is the same each time', () => {
  const pairs = Array.from({ length: 60 }, (_, i) => [1.1 * (100 + (i % 7)), 100 + ((i * 3) % 7)] as const)
  const estimate = bootstrap(pairs, meanRatio)
  expect(estimate.low).toBeLessThan(1.1)
  expect(estimate.high).toBeGreaterThan(1.1)
  expect(estimate.high - estimate.low).toBeLessThan(0.03)
  expect(bootstrap(pairs, meanRatio)).toEqual(estimate)
})

test('quantiles are values that were measured', () => {
  expect([0, 0.5, 0.99].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 3, 4])
})
