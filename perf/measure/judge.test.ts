import { expect, test } from 'vitest'
import { judge, type Case } from './judge.ts'

const budget = { op: '<', value: 2 } as const
const usual: Case = {
  estimate: { value: 1, low: 0.8, high: 1.2 },
  rounds: 20,
  budget,
  unit: 'ms',
  smallestVisibleEffect: 0.1,
  disturbance: null,
  flaw: null,
}
const at = (value: number, low: number, high: number, more: Partial<Case> = {}) =>
  judge({ ...usual, estimate: { value, low, high }, ...more })

test('proved and refuted only where the whole interval lies on one side', () => {
  expect(at(1, 0.8, 1.99).verdict).toBe('proved')
  expect(at(3, 2.01, 4).verdict).toBe('refuted')
  expect(at(2, 2, 2.5).verdict).toBe('refuted')
  expect(at(1.5, 1, 2.1)).toMatchObject({ verdict: 'unknown', reason: 'inconclusive' })
  expect(at(0.9, 0.85, 0.95, { budget: { op: '>', value: 0.8 } }).verdict).toBe('proved')
  expect(at(0.7, 0.65, 0.79, { budget: { op: '>', value: 0.8 } }).verdict).toBe('refuted')
})

test('what is inconclusive says how many rounds would decide, and what equal arms differ by', () => {
  const open = at(1.5, 1, 2.5)
  expect(open).toMatchObject({ verdict: 'unknown', roundsToDecide: 80 })
  expect(open.why).toContain('equal arms seem to differ by up to 0.100 ms; about 80 rounds')
  expect(at(2, 1, 3)).toMatchObject({ roundsToDecide: null })
})

test('a busy machine may prove and not refute; a late generator may do neither', () => {
  const disturbance = 'something else kept 60 % of the processors busy'
  expect(at(1, 0.8, 1.2, { disturbance }).verdict).toBe('proved')
  expect(at(3, 2.5, 4, { disturbance })).toMatchObject({ verdict: 'unknown', reason: 'inconclusive' })
  expect(at(1, 0.8, 1.2, { flaw: 'the generator was late' })).toMatchObject({ verdict: 'unknown', reason: 'load-not-reached' })
})

test('no figures, no number', () => {
  expect(at(Number.NaN, Number.NaN, Number.NaN)).toMatchObject({ verdict: 'unknown', reason: 'inconclusive' })
})
