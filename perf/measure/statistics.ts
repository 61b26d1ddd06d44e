/** What rounds of paired blocks say: a figure with the interval in which it lies, by bootstrap over the rounds, never over single times. */
import { normalBelow, studentAt } from './normal.ts'

export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  /** The share of such intervals that hold the truth. */
  readonly level?: number
  readonly resamples?: number
}

/**
 * Percentile bootstrap of a statistic over rounds; the same rounds give the same interval. The percentiles are set wider for few rounds, after
 * T. Hesterberg, "What Teachers Should Know About the Bootstrap" (2015), section 4.3: without it ten rounds give 90 % where 95 % is said.
 */
export function bootstrap<T>(
  rounds: readonly T[],
  statistic: (sample: readonly T[]) => number,
  { level = 0.95, resamples = 2000 }: BootstrapOptions = {},
): Estimate {
  const next = generator(rounds.length)
  const values = new Float64Array(resamples)
  const sample = [...rounds]
  for (let n = 0; n < resamples; n++) {
    for (let i = 0; i < sample.length; i++) sample[i] = rounds[Math.floor(next() * rounds.length)]!
    values[n] = statistic(sample)
  }
  values.sort()
  const tail = tailOf(level, rounds.length)
  const [low, high] = [Math.floor(resamples * tail), Math.ceil(resamples * (1 - tail)) - 1]
  return { value: statistic(rounds), low: values[Math.max(0, low)]!, high: values[Math.min(resamples - 1, high)]! }
}

/** What is cut off at each end. */
function tailOf(level: number, rounds: number): number {
  const tail = (1 - level) / 2
  return rounds < 3 ? 0 : normalBelow(Math.sqrt(rounds / (rounds - 1)) * studentAt(tail, rounds - 1))
}

/** Of paired quantities, the geometric mean of their ratios. */
export function meanRatio(pairs: readonly (readonly [number, number])[]): number {
  return Math.exp(pairs.reduce((sum, [a, b]) => sum + Math.log(a / b), 0) / pairs.length)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function generator(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 0x1_0000_0000
  }
}
