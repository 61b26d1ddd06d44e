/** How small a slowdown would be seen here and now: trials drawn from rounds of two equal arms, with a known shift added to one. */
import { studentQuantile } from '../history/student.ts'

export interface PowerPoint {
  readonly shiftMs: number
  /** Share of trials in which the slowdown was seen. */
  readonly seen: number
}

export interface Power {
  readonly points: readonly PowerPoint[]
  /** Share of trials without any shift in which one was seen, either way. */
  readonly falseAlarms: number
  /** Nine of ten trials see it; null: none that was tried is seen so often. */
  readonly smallestMs: number | null
}

export interface MeanInterval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Student's interval of a mean, 95 %. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length
  const value = values.reduce((sum, one) => sum + one, 0) / n
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1)
  const reach = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n)
  return { value, low: value - reach, high: value + reach }
}

/** `differences`: of two equal arms, one for each round, ms. */
export function powerOf(differences: readonly number[], shifts: readonly number[], random: () => number, trials = 400): Power {
  const centre = meanInterval(differences).value
  const centred = differences.map((one) => one - centre)
  const draw = () => centred.map(() => centred[Math.floor(random() * centred.length)]!)
  const share = (isSeen: (interval: MeanInterval) => boolean) => {
    let seen = 0
    for (let i = 0; i < trials; i++) if (isSeen(meanInterval(draw()))) seen++
    return seen / trials
  }
  const points = shifts.map((shiftMs) => ({ shiftMs, seen: share(({ low }) => low + shiftMs > 0) }))
  const falseAlarms = share(({ low, high }) => low > 0 || high < 0)
  return { points, falseAlarms, smallestMs: points.find(({ seen }) => seen >= 0.9)?.shiftMs ?? null }
}
