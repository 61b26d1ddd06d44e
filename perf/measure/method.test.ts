/** The method itself: on rounds whose truth is known, and on recorded rounds of two equal arms. */
import { expect, test } from 'vitest'
import { profileOf } from './profiles.ts'
import { readEqualArms } from './testing/equal-arms.ts'
import { drawn, madeUp, shareOf, untilDecided } from './testing/trials.ts'

const recorded = readEqualArms().rounds
const patience = { timeout: 300_000 }
const [quick, gate] = [profileOf('quick'), profileOf('gate')]

test.each([0.5, 0.99])('the interval holds the truth in at least 93 of 100 trials of a thousand, at share %d', patience, (share) => {
  const covers = shareOf(1000, 'coverage', (random) => {
    const { low, high } = untilDecided(madeUp(14, 60, random, 0.5), quick.looks, share, 0)
    return low <= 0.5 && high >= 0.5
  })
  expect(covers).toBeGreaterThanOrEqual(0.93)
})

test('it holds too where one stops as soon as it is decided', patience, () => {
  const covers = shareOf(300, 'stopping', (random) => {
    const { low, high } = untilDecided(madeUp(24, 60, random, 0.5), [8, 16, 24], 0.99, 0)
    return low <= 0.5 && high >= 0.5
  })
  expect(covers).toBeGreaterThanOrEqual(0.93)
})

test.each([
  ['quick', 0.5, 300],
  ['quick', 0.99, 300],
  ['gate', 0.99, 100],
] as const)('of equal arms, at most one in twenty seems to differ: %s, share %d', patience, (name, share, trials) => {
  const { looks } = profileOf(name)
  const alarms = shareOf(trials, 'alarm', (random) => {
    const { low, high } = untilDecided(drawn(recorded, looks.at(-1)!, random), looks, share, 0)
    return low > 0 || high < 0
  })
  expect(alarms).toBeLessThanOrEqual(0.05)
})

const power = (looks: readonly number[], share: number, shiftMs: number) =>
  shareOf(40, 'power', (random) => untilDecided(drawn(recorded, looks.at(-1)!, random, shiftMs), looks, share, 0).low > 0)

test('the gate profile sees half a millisecond in nine of ten trials', patience, () => {
  expect(power(gate.looks, 0.5, 0.5)).toBeGreaterThanOrEqual(0.9)
  expect(power(gate.looks, 0.99, 0.5)).toBeGreaterThanOrEqual(0.9)
})

test.each(['quick', 'gate', 'full'])('the profile %s sees the shift it says', patience, (name) => {
  const { looks, smallestShiftMs } = profileOf(name)
  expect(power(looks, 0.5, smallestShiftMs.p50)).toBeGreaterThanOrEqual(0.9)
  expect(power(looks, 0.99, smallestShiftMs.p99)).toBeGreaterThanOrEqual(0.9)
})

test('a profile that there is not is named', () => {
  expect(() => profileOf('quik')).toThrow('quick, gate, full')
})
