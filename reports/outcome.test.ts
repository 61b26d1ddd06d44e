import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadSpec } from '../spec/load.ts'
import type { Verdict } from '../spec/verdict.ts'
import { closingLine, counted, outcomeOf, standingOf, type Gate } from './outcome.ts'
import { rowsOf, type Row } from './rows.ts'

const nothing = rowsOf(loadSpec(), [])
const [p0, p1] = (['P0', 'P1'] as const).map((priority) => nothing.find((row) => row.entry.priority === priority)!)

/** Only whether a row was a surprise, and of which verdict, decides. */
const row = (verdict: Verdict, surprise: string | null = null, of = p0!): Row => ({ ...of, verdict, surprise, planned: true })
const asExpected = row('proved')
const finding = row('refuted')
const refuted = row('refuted', 'expected proved, is refuted')
const tooGood = row('proved', 'expected refuted, is proved')
const unknown = row('unknown', 'expected proved, is unknown')
const unsupported = row('unsupported', 'expected proved, is unsupported')
const missing = row('missing')

test.each([
  ['as expected, a finding and something unsupported included', [asExpected, finding, unsupported], 'run', 0],
  ['a refutation nobody expected', [asExpected, refuted], 'run', 1],
  ['a proof where a refutation was expected', [asExpected, tooGood], 'run', 1],
  ['a surprise outweighs what could not be told', [unknown, refuted, missing], 'run', 1],
  ['something unknown', [asExpected, unknown], 'run', 2],
  ['something missing', [asExpected, missing], 'run', 2],
  ['nothing at all', [], 'run', 2],
  ['only P0 decides under the gate p0', [asExpected, row('unknown', 'u', p1)], 'p0', 0],
  ['an unknown P0 under the gate p0', [asExpected, unknown], 'p0', 2],
  ['no P0 under the gate p0', [row('proved', null, p1)], 'p0', 2],
  ['a surprise of any priority under the gate p0', [asExpected, row('refuted', 's', p1)], 'p0', 1],
  ['what no plan wanted, under the gate of the run', [asExpected, { ...missing, planned: false }], 'run', 0],
  ['what no plan wanted, under the release gate', [asExpected, { ...missing, planned: false }], 'release', 2],
] as const)('the exit code: %s', (_, rows, gate, code) => {
  expect(outcomeOf(rows, gate).exitCode).toBe(code)
})

test('the closing line counts what is as expected, what is not, and what is unsupported', () => {
  expect(closingLine(outcomeOf([asExpected, finding, refuted, tooGood, unknown, missing, unsupported], 'run'))).toBe(
    '2 passed, 4 failed, 1 skipped',
  )
})

test('0 means that nothing failed of what decides, nor was left out of a release, and every row that counts is counted once', () => {
  const rows = fc.array(
    fc.constantFrom(asExpected, finding, refuted, tooGood, unknown, unsupported, missing, { ...missing, planned: false }),
  )
  fc.assert(
    fc.property(rows, fc.constantFrom<Gate>('run', 'p0', 'release'), (some, gate) => {
      const { passed, failed, skipped, exitCode } = outcomeOf(some, gate)
      const under = counted(some, gate)
      expect(passed + failed + skipped).toBe(under.length)
      const good = gate === 'release' ? ['passed'] : ['passed', 'skipped']
      expect(exitCode === 0).toBe(under.length > 0 && under.every((one) => good.includes(standingOf(one))))
    }),
  )
})
