import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { judgeShift, spreadOf, type Estimate } from './shift.ts'

const run = (value: number, reach = 0.1, smallest: number | null = 0.05): Estimate => ({
  value,
  low: value - reach,
  high: value + reach,
  smallest,
})
const known = { deviation: 0.05, freedom: 10 }

test('three zones: worse, better, and what cannot be told from noise', () => {
  const ask = (after: number, worse: 'more' | 'less' = 'more') =>
    judgeShift({ before: [run(1)], after: [run(after)], spread: known, worse, together: 1 })
  expect(ask(1.5)).toMatchObject({ verdict: 'regression', from: 1, to: 1.5, by: 0.5 })
  expect(ask(0.5).verdict).toBe('improvement')
  expect(ask(0.5, 'less').verdict).toBe('regression')
  expect(ask(1.1)).toMatchObject({ verdict: 'noise', why: 'the interval holds zero' })
  expect(ask(1.5).interval?.low).toBeCloseTo(0.5 - Math.hypot(0.1114, 0.1114), 2)
})

test('a shift that two equal arms also showed is noise, however narrow its interval', () => {
  const shift = judgeShift({
    before: [run(1, 0.01, 0.4)],
    after: [run(1.3, 0.01, 0.1)],
    spread: { deviation: 0.001, freedom: 9 },
    worse: 'more',
    together: 1,
  })
  expect(shift).toMatchObject({ verdict: 'noise', why: 'two equal arms of one run differed by as much', smallestVisible: 0.4 })
})

test('single readings tell nothing until runs were repeated', () => {
  const reading = (value: number): Estimate => ({ value, low: null, high: null, smallest: null })
  const ask = (spread: typeof known | null) => judgeShift({ before: [reading(1)], after: [reading(2)], spread, worse: 'more', together: 1 })
  expect(ask(null)).toMatchObject({ verdict: 'unknown', interval: null })
  expect(ask({ deviation: 0.05, freedom: 2 }).verdict).toBe('unknown')
  expect(ask(known).verdict).toBe('regression')
})

test('more figures at once widen each interval; more runs narrow it', () => {
  const width = (together: number, runs: number) => {
    const side = (value: number) => Array.from({ length: runs }, () => run(value))
    const { interval } = judgeShift({ before: side(1), after: side(1), spread: known, worse: 'more', together })
    return (interval?.high ?? 0) - (interval?.low ?? 0)
  }
  expect(width(20, 1)).toBeGreaterThan(width(1, 1) * 1.3)
  expect(width(1, 4)).toBeCloseTo(width(1, 1) / 2, 6)
})

test('which way is worse must be told', () => {
  expect(judgeShift({ before: [run(1)], after: [run(5)], spread: known, worse: null, together: 1 }).verdict).toBe('unknown')
})

/** Runs of one system differ by more than their own intervals say: what a restart does to a machine. */
function trials(shift: number, count: number): number {
  const random = randomFrom('two systems')
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const [between, within] = [0.1, 0.05]
  const estimate = (truth: number): Estimate => {
    const value = truth + between * normal() + within * normal()
    return { value, low: value - 1.96 * within, high: value + 1.96 * within, smallest: 0.02 }
  }
  let alarms = 0
  for (let i = 0; i < count; i++) {
    const earlier = Array.from({ length: 8 }, () => estimate(1).value)
    const spread = spreadOf([earlier])
    const judged = judgeShift({ before: [estimate(1)], after: [estimate(1 + shift)], spread, worse: 'more', together: 1 })
    if (judged.verdict === 'regression' || judged.verdict === 'improvement') alarms++
  }
  return alarms / count
}

test('at most one false alarm in twenty, though runs differ by themselves; a shift of six deviations is seen', () => {
  expect(trials(0, 1500)).toBeLessThanOrEqual(0.05)
  expect(trials(0.7, 500)).toBeGreaterThanOrEqual(0.9)
})

test('the spread is pooled over systems, and needs one that ran twice', () => {
  expect(spreadOf([[1], [2]])).toBeNull()
  expect(spreadOf([[1, 3], [10, 12], [5]])).toEqual({ freedom: 2, deviation: Math.sqrt(2) })
})
