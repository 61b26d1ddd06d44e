/** From an interval to a verdict: proved or refuted only where all of it lies on one side of the budget; else it is not known, and is said why. */
import type { Budget } from '../../spec/entry.ts'
import type { Judgement } from '../result.ts'
import type { Estimate } from './statistics.ts'

export interface Case {
  readonly estimate: Estimate
  readonly rounds: number
  readonly budget: Pick<Budget, 'op' | 'value'>
  readonly unit: string
  /** What two equal arms seem to differ by; null: there is no control, for nothing is compared. */
  readonly smallestVisibleEffect: number | null
  /** What makes the figures worse than the system is: another load on the machine. Then they may prove, but not refute. */
  readonly disturbance: string | null
  /** What makes the figures worth nothing: the generator was late, say. */
  readonly flaw: string | null
}

/** More than so many rounds are no advice. */
const mostRounds = 10_000

export function judge(one: Case): Judgement {
  const { estimate, budget, disturbance, flaw } = one
  const told = `${say(estimate.value)} ${one.unit} [${say(estimate.low)}, ${say(estimate.high)}], budget ${budget.op} ${budget.value} ${one.unit}`
  if (flaw !== null) return { verdict: 'unknown', reason: 'load-not-reached', why: `${flaw}; ${told}`, roundsToDecide: null }
  if (!Number.isFinite(estimate.low + estimate.high)) return inconclusive(`too few figures: ${told}`, null)
  if (holdsFor(budget, estimate)) return { verdict: 'proved', why: told }
  if (!fails(budget, estimate)) return undecided(one, told)
  if (disturbance !== null) return inconclusive(`${disturbance}, which makes everything slower: ${told}`, null)
  return { verdict: 'refuted', why: told }
}

function undecided({ estimate, budget, rounds, smallestVisibleEffect: smallest, unit }: Case, told: string): Judgement {
  const more = roundsToDecide(estimate, budget.value, rounds)
  const advice = more === null ? 'no number of rounds would decide it' : `about ${more} rounds would decide it, ${rounds} were made`
  const control = smallest === null ? '' : `, and equal arms seem to differ by up to ${say(smallest)} ${unit}`
  return inconclusive(`the budget lies within the interval: ${told}${control}; ${advice}`, more)
}

const inconclusive = (why: string, rounds: number | null): Judgement => ({
  verdict: 'unknown',
  reason: 'inconclusive',
  why,
  roundsToDecide: rounds,
})

/** An interval shrinks with the root of the number of rounds. */
function roundsToDecide({ value, low, high }: Estimate, budget: number, rounds: number): number | null {
  const distance = Math.abs(budget - value)
  const width = value < budget ? high - value : value - low
  const wanted = Math.ceil(rounds * (width / distance) ** 2)
  return Number.isFinite(wanted) && wanted <= mostRounds ? Math.max(rounds + 1, wanted) : null
}

function holdsFor({ op, value }: Case['budget'], { low, high }: Estimate): boolean {
  return holds(op, value, op.startsWith('<') ? high : low)
}

function fails({ op, value }: Case['budget'], { low, high }: Estimate): boolean {
  return !holds(op, value, op.startsWith('<') ? low : high)
}

function holds(op: Budget['op'], limit: number, value: number): boolean {
  return { '<': value < limit, '<=': value <= limit, '>': value > limit, '>=': value >= limit }[op]
}

function say(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
