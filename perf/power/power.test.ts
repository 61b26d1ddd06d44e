import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { meanInterval, powerOf } from './detection.ts'

const random = randomFrom('power')
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

test('power grows with the shift, and equal arms give few alarms', () => {
  const rounds = Array.from({ length: 30 }, () => 0.02 + 0.1 * normal())
  const power = powerOf(rounds, [0.01, 0.05, 0.1, 0.2], random)
  expect(power.falseAlarms).toBeLessThanOrEqual(0.09)
  const seen = power.points.map((point) => point.seen)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  // A tenth of a millisecond is five and a half standard errors of thirty rounds.
  expect(seen[2]).toBeGreaterThan(0.98)
  expect(power.smallestMs).toBe(0.1)
})

test('where nothing that was tried is seen often enough, none is named', () => {
  expect(
    powerOf(
      Array.from({ length: 10 }, () => 5 * normal()),
      [0.1, 0.2],
      random,
    ).smallestMs,
  ).toBeNull()
})

test('the interval of a mean holds it in 93 of 100 cases', () => {
  let held = 0
  for (let i = 0; i < 400; i++) {
    const { low, high } = meanInterval(Array.from({ length: 12 }, () => 3 + normal()))
    if (low < 3 && high > 3) held++
  }
  expect(held / 400).toBeGreaterThanOrEqual(0.92)
})
