/** What was measured becomes evidence: the whole result as a file, its figures as lines, and its verdict as that of a clause. */
import { expect } from 'vitest'
import { Undecided } from '../../perf/measure.ts'
import { resultFile, type Judgement, type MeasuredResult } from '../../perf/result.ts'

interface Ways<C extends string> {
  prove(clause: C, assertions: () => unknown): Promise<boolean>
  measure(name: string, value: number, unit: string): void
  attach(name: string, content: string): void
}

export function concluder<C extends string>({ prove, measure, attach }: Ways<C>) {
  return (result: MeasuredResult & { readonly clause: C }): Promise<boolean> => {
    const { metric, effect, interval, unit, smallestVisibleEffect } = result
    attach(resultFile(result), JSON.stringify(result, null, 1))
    measure(metric, effect, unit)
    measure(`${metric}, at least`, interval.low, unit)
    measure(`${metric}, at most`, interval.high, unit)
    if (smallestVisibleEffect !== null) measure(`${metric}, smallest visible`, smallestVisibleEffect, unit)
    return prove(result.clause, () => settle(result.verdict))
  }
}

/** An assertion, so that a refutation is one; what is not known is thrown as such. */
export function settle(judged: Judgement): void {
  if (judged.verdict === 'unknown') throw new Undecided(judged.reason, judged.why)
  expect(judged.verdict, judged.why).toBe('proved')
}
