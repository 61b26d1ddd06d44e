import { expect, test } from 'vitest'
import { limitMs, timeFactor } from './limits.ts'

test('the factor is at least 1, measured once, and handed on by the environment', () => {
  const env: NodeJS.ProcessEnv = {}
  const factor = timeFactor(env)
  expect(factor).toBeGreaterThanOrEqual(1)
  expect(factor).toBeLessThanOrEqual(10)
  expect(env['OROCHI_TIME_FACTOR']).toBe(String(factor))
  expect(timeFactor(env)).toBe(factor)
})

test.for([
  ['2.5', 2.5],
  ['0.5', 0.5],
] as const)('a factor of %s that is given is taken as it is', ([text, factor]) => {
  expect(timeFactor({ OROCHI_TIME_FACTOR: text })).toBe(factor)
})

test('nonsense in the variable is measured over', () => {
  expect(timeFactor({ OROCHI_TIME_FACTOR: 'fast' })).toBeGreaterThanOrEqual(1)
})

test('limits are stretched by the factor, given ones too', () => {
  const factor = timeFactor()
  expect(limitMs('entry')).toBe(Math.round(20_000 * factor))
  expect(limitMs('entry', 7)).toBe(Math.round(7 * factor))
})
