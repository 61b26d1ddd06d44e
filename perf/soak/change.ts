/** The last part of a series as a multiple of its first, with an interval. */
import { studentQuantile } from '../history/student.ts'
import type { Sample } from './slope.ts'

export interface Change {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** `share` of the time at each end. On logarithms, by Welch's interval for two means whose spreads differ. */
export function changeOf(samples: readonly Sample[], share: number): Change {
  const [from, to] = [samples[0]?.seconds ?? 0, samples.at(-1)?.seconds ?? 0]
  const positive = samples.filter(({ value }) => value > 0)
  const logs = (isIn: (seconds: number) => boolean) => positive.filter(({ seconds }) => isIn(seconds)).map(({ value }) => Math.log(value))
  const [first, last] = [logs((at) => at <= from + (to - from) * share), logs((at) => at >= to - (to - from) * share)].map(momentsOf)
  const [a, b] = [first!.variance / first!.count, last!.variance / last!.count]
  const freedom = (a + b) ** 2 / (a ** 2 / (first!.count - 1) + b ** 2 / (last!.count - 1))
  const reach = first!.count < 2 || last!.count < 2 ? Infinity : a + b === 0 ? 0 : studentQuantile(0.975, freedom) * Math.sqrt(a + b)
  const shift = last!.mean - first!.mean
  return { value: Math.exp(shift), low: Math.exp(shift - reach), high: Math.exp(shift + reach) }
}

function momentsOf(values: readonly number[]): { readonly count: number; readonly mean: number; readonly variance: number } {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  return { count, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) }
}
