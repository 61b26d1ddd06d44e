/**
 * Whether something grows: the slope of Theil and Sen, which a few odd values do not move, with an interval that knows that neighbours
 * resemble each other, and a verdict in three parts.
 */
import { studentQuantile } from '../history/student.ts'

export interface Sample {
  readonly seconds: number
  readonly value: number
}

export interface Slope {
  /** Per hour, in the unit of the values. */
  readonly perHour: number
  readonly low: number
  readonly high: number
}

export type Growth = 'grows' | 'steady' | 'too short to tell'

export interface GrowthVerdict extends Slope {
  readonly verdict: Growth
  readonly why: string
  readonly tolerancePerHour: number
  /** Samples that counted, after the warm-up. */
  readonly samples: number
}

/** The beginning, in which caches fill and memory is taken for the first time. */
const warmUpShare = 0.25
const leastSamples = 12
/** So many pairs are enough, and more would take long. */
const mostSamples = 240

/**
 * `grows`: all of the interval is above the tolerance, the second half goes on growing, and more was gained than `leastGain`, which a heap that is
 * collected takes before it gives anything back; `steady`: all of the interval is below the tolerance.
 */
export function judgeGrowth(samples: readonly Sample[], tolerancePerHour: number, unit: string, leastGain = 0): GrowthVerdict {
  const kept = thinned(withoutWarmUp(samples))
  const slope = slopeOf(kept)
  const told = { ...slope, tolerancePerHour, samples: kept.length }
  const words = `${say(slope.perHour)} ${unit}/h [${say(slope.low)}, ${say(slope.high)}], ${say(tolerancePerHour)} ${unit}/h are allowed`
  if (kept.length < leastSamples)
    return { ...told, verdict: 'too short to tell', why: `${kept.length} samples after the warm-up, at least ${leastSamples} are wanted` }
  if (slope.high < tolerancePerHour) return { ...told, verdict: 'steady', why: words }
  if (slope.low <= tolerancePerHour)
    return { ...told, verdict: 'too short to tell', why: `${words}; ${longerText(slope, tolerancePerHour)}` }
  const later = slopeOf(kept.slice(Math.floor(kept.length / 2)))
  if (later.low <= tolerancePerHour && later.perHour < slope.perHour / 2)
    return {
      ...told,
      verdict: 'too short to tell',
      why: `${words}; it grew less in the second half (${say(later.perHour)}): still settling`,
    }
  const hours = ((kept.at(-1)?.seconds ?? 0) - (kept[0]?.seconds ?? 0)) / 3600
  if (slope.low * hours < leastGain)
    return {
      ...told,
      verdict: 'too short to tell',
      why: `${words}; ${say(slope.perHour * hours)} ${unit} were gained, below ${leastGain} nothing is said`,
    }
  return { ...told, verdict: 'grows', why: words }
}

/** An interval of a slope narrows with the power 1.5 of the time. */
function longerText({ perHour, low, high }: Slope, tolerance: number): string {
  if (!Number.isFinite(high - low)) return 'the samples are too few, or too much alike their neighbours, for an interval'
  const times = Math.ceil(((high - low) / 2 / Math.max(1e-9, Math.abs(tolerance - perHour))) ** (2 / 3))
  return times > 1000 ? 'no length of time would tell' : `about ${Math.max(2, times)} times as long would tell`
}

const say = (value: number) => String(Number(value.toPrecision(3)))

function withoutWarmUp(samples: readonly Sample[]): readonly Sample[] {
  const [first, last] = [samples[0]?.seconds ?? 0, samples.at(-1)?.seconds ?? 0]
  return samples.filter(({ seconds }) => seconds >= first + (last - first) * warmUpShare)
}

/** Neighbours become their median. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const every = Math.ceil(samples.length / mostSamples)
  if (every <= 1) return samples
  return Array.from({ length: Math.ceil(samples.length / every) }, (_, n) => {
    const group = samples.slice(n * every, (n + 1) * every)
    return { seconds: median(group.map(({ seconds }) => seconds)), value: median(group.map(({ value }) => value)) }
  })
}

/** H. Theil (1950), P. K. Sen (1968); the variance is widened for values that follow each other, as S. Yue and C. Wang (2004) do. */
export function slopeOf(samples: readonly Sample[], level = 0.95): Slope {
  const n = samples.length
  if (n < 3) return { perHour: 0, low: -Infinity, high: Infinity }
  const slopes = samples
    .flatMap((a, at) => samples.slice(at + 1).map((b) => (b.value - a.value) / (b.seconds - a.seconds)))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
  const middle = median(slopes)
  const wider = widening(samples, middle)
  const variance = ((n * (n - 1) * (2 * n + 5)) / 18) * wider
  const reach = studentQuantile((1 + level) / 2, Math.max(2, n / wider - 2)) * Math.sqrt(variance)
  const at = (index: number) => slopes[Math.min(slopes.length - 1, Math.max(0, index))]!
  const below = Math.floor((slopes.length - reach) / 2)
  const above = Math.ceil((slopes.length + reach) / 2)
  if (below < 0 || above >= slopes.length) return stepwise(samples, middle, level)
  return {
    perHour: middle * 3600,
    low: at(below) * 3600,
    high: at(above) * 3600,
  }
}

const steps = 6

/** Where neighbours are too much alike for Sen's interval: Student's, of the slopes from one sixth of the time to the next. */
function stepwise(samples: readonly Sample[], slope: number, level: number): Slope {
  const size = Math.floor(samples.length / (steps + 1))
  if (size < 1) return { perHour: slope * 3600, low: -Infinity, high: Infinity }
  const marks = Array.from({ length: steps + 1 }, (_, n) => {
    const group = samples.slice(n * size, (n + 1) * size)
    return { seconds: median(group.map(({ seconds }) => seconds)), value: median(group.map(({ value }) => value)) }
  })
  const slopes = marks.slice(1).map((mark, n) => (mark.value - marks[n]!.value) / (mark.seconds - marks[n]!.seconds))
  const mean = slopes.reduce((sum, one) => sum + one, 0) / steps
  const deviation = Math.sqrt(slopes.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (steps - 1) / steps)
  const reach = studentQuantile((1 + level) / 2, steps - 1) * deviation
  return { perHour: slope * 3600, low: Math.min(slope, mean - reach) * 3600, high: Math.max(slope, mean + reach) * 3600 }
}

function widening(samples: readonly Sample[], slope: number): number {
  const rest = samples.map(({ seconds, value }) => value - slope * seconds)
  const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length
  const centred = rest.map((value) => value - mean)
  const power = centred.reduce((sum, value) => sum + value * value, 0)
  if (power === 0) return 1
  const raw = centred.slice(1).reduce((sum, value, at) => sum + value * centred[at]!, 0) / power
  // What is estimated from few values is too small by about this much.
  const likeness = Math.min(0.95, raw + (1 + 4 * raw) / samples.length)
  return likeness <= 0 ? 1 : (1 + likeness) / (1 - likeness)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
