import { expect, test } from 'vitest'
import { studentQuantile } from './student.ts'

test.each([
  [0.975, 1, 12.7062],
  [0.975, 2, 4.3027],
  [0.975, 5, 2.5706],
  [0.95, 10, 1.8125],
  [0.995, 3, 5.8409],
  [0.9995, 8, 5.0413],
  [0.975, Infinity, 1.95996],
  [0.025, 5, -2.5706],
  [0.5, 4, 0],
])('the quantile %f with %f degrees of freedom', (p, df, expected) => {
  expect(studentQuantile(p, df)).toBeCloseTo(expected, 3)
})
