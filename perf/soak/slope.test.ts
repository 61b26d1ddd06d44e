import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { judgeGrowth, slopeOf, type Sample } from './slope.ts'

const random = randomFrom('slopes')
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Values that resemble their neighbours, as memory does. */
function noise(count: number, likeness: number): readonly number[] {
  let value = normal()
  return Array.from({ length: count }, () => (value = likeness * value + Math.sqrt(1 - likeness ** 2) * normal()))
}

const samplesOf = (values: readonly number[], perHour = 0): Sample[] =>
  values.map((value, n) => ({ seconds: n * 10, value: value + (perHour * n * 10) / 3600 }))

test('a straight line has its slope, and odd values do not move it', () => {
  const line = samplesOf(
    Array.from({ length: 40 }, () => 5),
    36,
  )
  expect(slopeOf(line)).toMatchObject({ perHour: expect.closeTo(36, 6) as number, low: expect.closeTo(36, 6) as number })
  const odd = line.map((sample, n) => (n % 9 === 0 ? { ...sample, value: sample.value + 500 } : sample))
  expect(slopeOf(odd).perHour).toBeCloseTo(36, 0)
})

test.each([0, 0.5, 0.8])(
  'the interval holds the slope in 93 of 100 cases, with values that resemble their neighbours by %f',
  (likeness) => {
    let held = 0
    const trials = 200
    for (let i = 0; i < trials; i++) {
      const { low, high } = slopeOf(samplesOf(noise(60, likeness), 12))
      if (low <= 12 && high >= 12) held++
    }
    // 93 % less what two hundred trials may be off by chance.
    expect(held / trials).toBeGreaterThanOrEqual(0.9)
  },
)

test('three verdicts: it grows, it is steady, and too short to tell', () => {
  const judged = (values: readonly Sample[], tolerance: number) => judgeGrowth(values, tolerance, 'MB').verdict
  expect(judged(samplesOf(noise(120, 0.3), 60), 5)).toBe('grows')
  expect(judged(samplesOf(noise(400, 0.3)), 5)).toBe('steady')
  expect(judged(samplesOf(noise(40, 0.3)), 0.01)).toBe('too short to tell')
  expect(judgeGrowth(samplesOf([1, 2, 3]), 1, 'MB')).toMatchObject({ verdict: 'too short to tell', samples: 2 })
})

test('what only settles at the beginning is no leak', () => {
  const settling = samplesOf(noise(100, 0.2).map((value, n) => value * 0.2 + 50 * (1 - Math.exp(-n / 18))))
  expect(judgeGrowth(settling, 5, 'MB').verdict).toBe('too short to tell')
})

test('no leak is called one in more than 5 of 100 soaks', () => {
  let alarms = 0
  for (let i = 0; i < 200; i++) if (judgeGrowth(samplesOf(noise(80, 0.6)), 0, 'MB').verdict === 'grows') alarms++
  expect(alarms / 200).toBeLessThanOrEqual(0.05)
})

test('a heap that has gained little is not said to grow, one that has gained much is', () => {
  const rising = samplesOf(noise(100, 0.2), 200)
  expect(judgeGrowth(rising, 1, 'MB', 100)).toMatchObject({
    verdict: 'too short to tell',
    why: expect.stringContaining('were gained, below 100 nothing is said') as string,
  })
  expect(judgeGrowth(rising, 1, 'MB', 24).verdict).toBe('grows')
})
