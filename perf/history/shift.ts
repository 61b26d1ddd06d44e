/**
 * Whether a figure moved between two systems: the shift with an interval, and a verdict that is a regression or an improvement only
 * where the interval leaves nothing out, the shift is larger than what two equal arms showed, and how much runs differ by themselves
 * is counted in.
 */
import type { Interval } from '../result.ts'
import { studentQuantile } from './student.ts'

/** One run's estimate; a single reading has no interval. */
export interface Estimate {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  /** What two equal arms seemed to differ by in that run. */
  readonly smallest: number | null
}

/** How much runs of one and the same system differ from each other: pooled over all systems with at least two runs. */
export interface Spread {
  readonly deviation: number
  /** Degrees of freedom: runs beyond the first of each system. */
  readonly freedom: number
}

export type ShiftVerdict = 'regression' | 'improvement' | 'noise' | 'unknown'

export interface Shift {
  readonly from: number
  readonly to: number
  readonly by: number
  /** Held over all figures of the comparison together; null where none can be told. */
  readonly interval: Interval | null
  /** A smaller shift would not have been seen. */
  readonly smallestVisible: number | null
  readonly verdict: ShiftVerdict
  readonly why: string
}

export interface ShiftQuestion {
  readonly before: readonly Estimate[]
  readonly after: readonly Estimate[]
  readonly spread: Spread | null
  readonly worse: 'more' | 'less' | null
  /** Figures that are compared at once: the more, the wider each interval. */
  readonly together: number
}

/** With fewer repeats the spread between runs is a guess. */
export const leastFreedom = 3
const level = 0.95

export function judgeShift(question: ShiftQuestion): Shift {
  const { before, after, worse } = question
  const [from, to] = [meanOf(before), meanOf(after)]
  const by = to - from
  const reach = [reachOf(before, question), reachOf(after, question)] as const
  if (reach[0] === null || reach[1] === null)
    return { from, to, by, interval: null, smallestVisible: null, verdict: 'unknown', why: noInterval }
  const [a, b] = reach
  const interval = { low: by - Math.hypot(b.below, a.above), high: by + Math.hypot(b.above, a.below), level }
  const floor = Math.max(0, ...[...before, ...after].map((one) => one.smallest ?? 0))
  const smallestVisible = Math.max(floor, (interval.high - interval.low) / 2)
  const told = { from, to, by, interval, smallestVisible }
  if (interval.low <= 0 && interval.high >= 0) return { ...told, verdict: 'noise', why: 'the interval holds zero' }
  if (Math.abs(by) <= floor) return { ...told, verdict: 'noise', why: 'two equal arms of one run differed by as much' }
  if (worse === null) return { ...told, verdict: 'unknown', why: 'it moved, and nothing tells which way is worse' }
  const verdict = by > 0 === (worse === 'more') ? 'regression' : 'improvement'
  return { ...told, verdict, why: spreadKnown(question.spread) ? '' : fewRuns }
}

const noInterval = 'a single reading has no interval: three further runs of one system would tell how much it varies'
const fewRuns = 'how much runs differ by themselves is not known yet: repeat both before acting on it'

const spreadKnown = (spread: Spread | null): spread is Spread => spread !== null && spread.freedom >= leastFreedom

interface Reach {
  readonly below: number
  readonly above: number
}

/**
 * How far the truth may lie from a side's mean. Within a run its own interval tells; between runs the spread does; the wider counts.
 * Two sides are joined by their reaches (Zou and Donner's method of recovered variances), which keeps lopsided intervals lopsided.
 */
function reachOf(side: readonly Estimate[], { spread, together }: ShiftQuestion): Reach | null {
  const tail = 1 - (1 - level) / 2 / Math.max(1, together)
  const wider = studentQuantile(tail, Infinity) / studentQuantile(1 - (1 - level) / 2, Infinity)
  const runs = Math.sqrt(side.length)
  const between = spreadKnown(spread) ? (studentQuantile(tail, spread.freedom) * spread.deviation) / runs : null
  const told = side.filter((one) => one.low !== null && one.high !== null)
  if (told.length < side.length) return between === null ? null : { below: between, above: between }
  const within = (distance: (one: Estimate) => number) =>
    (Math.sqrt(side.reduce((sum, one) => sum + distance(one) ** 2, 0) / side.length) / runs) * wider
  return {
    below: Math.max(
      between ?? 0,
      within((one) => one.value - (one.low ?? one.value)),
    ),
    above: Math.max(
      between ?? 0,
      within((one) => (one.high ?? one.value) - one.value),
    ),
  }
}

/** From groups of values, each of one system; null where no system has two. */
export function spreadOf(groups: readonly (readonly number[])[]): Spread | null {
  const repeated = groups.filter((group) => group.length > 1)
  const freedom = repeated.reduce((sum, group) => sum + group.length - 1, 0)
  if (freedom === 0) return null
  const squares = repeated.flatMap((group) => {
    const mean = group.reduce((sum, value) => sum + value, 0) / group.length
    return group.map((value) => (value - mean) ** 2)
  })
  return { freedom, deviation: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / freedom) }
}

function meanOf(side: readonly Estimate[]): number {
  return side.reduce((sum, one) => sum + one.value, 0) / side.length
}
