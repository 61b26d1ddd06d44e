import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { changeOf } from './change.ts'

const random = randomFrom('change')
const series = (at: (share: number) => number, count = 60) =>
  Array.from({ length: count }, (_, n) => ({ seconds: n * 60, value: at(n / count) * (0.9 + random() * 0.2) }))

test('what fades is seen, what does not is not', () => {
  expect(
    changeOf(
      series((share) => 100 - 40 * share),
      1 / 6,
    ),
  ).toMatchObject({ value: expect.closeTo(0.67, 1) as number })
  const { low, high } = changeOf(
    series(() => 100),
    1 / 6,
  )
  expect(low).toBeLessThan(1)
  expect(high).toBeGreaterThan(1)
  expect(high - low).toBeLessThan(0.25)
})

test('too few samples leave everything open', () => {
  expect(
    changeOf(
      series(() => 1, 2),
      1 / 3,
    ),
  ).toMatchObject({ low: 0, high: Infinity })
})
