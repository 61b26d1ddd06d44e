/** What paired blocks say: a ratio with the interval in which it lies, by bootstrap over the pairs. */

export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

const resamples = 2000

/** 95 % percentile bootstrap of a statistic over pairs; the same pairs give the same interval. */
export function bootstrap<T>(pairs: readonly T[], statistic: (sample: readonly T[]) => number): Estimate {
  const next = generator(pairs.length)
  const values = Array.from({ length: resamples }, () => statistic(pairs.map(() => pairs[Math.floor(next() * pairs.length)]!)))
  const sorted = values.toSorted((a, b) => a - b)
  return { value: statistic(pairs), low: sorted[Math.floor(resamples * 0.025)]!, high: sorted[Math.ceil(resamples * 0.975) - 1]! }
}

/** Of paired quantities, the geometric mean of their ratios. */
export function meanRatio(pairs: readonly (readonly [number, number])[]): number {
  return Math.exp(pairs.reduce((sum, [a, b]) => sum + Math.log(a / b), 0) / pairs.length)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
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
