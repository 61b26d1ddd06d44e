/** The differential is itself put to the test: routers that lie are found out within a bounded number of cases, and the case shown is small. */
import { expect, test } from 'vitest'
import type { Found } from './explore.ts'
import { render } from './query.ts'
import { runDifferential } from './run.ts'
import { tell } from './tell.ts'

async function find(program: string, cases: number): Promise<{ readonly cases: number; readonly found: readonly Found[] }> {
  const wish = { pooler: 'router', seconds: 60, seed: 'found-out', case: null, program, cases, most: 1, told: () => {} } as const
  return runDifferential(wish)
}

test.each([
  ['liars/router-forgets-a-shard.ts', 'drops a shard from what it asks', /^select/],
  ['liars/router-duplicates-inserts.ts', 'sends all rows of an INSERT everywhere', /^insert/],
] as const)('%s, which %s, is found out and shown by a small case', { timeout: 90_000 }, async (program, _, form) => {
  const { cases, found } = await find(program, 80)
  expect(found, `kinds of differences in ${cases} cases`).toHaveLength(1)
  const [{ what, seed }] = found as [Found]
  expect(what.steps.length, tell(found[0]!)).toBe(1)
  expect(what.items.length + what.lines.length, tell(found[0]!)).toBeLessThanOrEqual(2)
  expect(render(what.steps[0]!).text).toMatch(form)
  expect(seed).toMatch(/^found-out\.\d+$/)
})

test('the honest router is not found out', { timeout: 90_000 }, async () => {
  const { cases, found } = await find('reference/router/bin.ts', 20)
  expect(found.map(tell)).toEqual([])
  expect(cases).toBe(20)
})
