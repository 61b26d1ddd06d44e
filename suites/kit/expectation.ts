/** Whether what befell an entry is what the specification expects of this pooler; a surprise is told in words. */
import type { Entry, PoolerKind } from '../../spec/entry.ts'
import type { ClauseOutcome } from '../../spec/evidence.ts'

/** Null if nothing surprises; otherwise the surprise, clause by clause. */
export function asExpectedClauses(
  entry: Entry,
  pooler: PoolerKind,
  whole: ClauseOutcome,
  outcomes: ReadonlyMap<string, readonly ClauseOutcome[]>,
): string | null {
  const expected = entry.expect[pooler]
  const shouldFail = expected.verdict === 'refuted' ? expected.clauses : []
  const surprises = entry.clauses.flatMap((clause) =>
    surpriseOf(clause.key, shouldFail.includes(clause.key), outcomes.get(clause.key) ?? []),
  )
  const wholeSurprise =
    whole.verdict === 'proved' || whole.verdict === 'unsupported' ? [] : [`${entry.id} is ${whole.verdict}: ${whole.why}`]
  const all = [...wholeSurprise, ...surprises]
  return all.length === 0 ? null : all.join('\n\n')
}

function surpriseOf(clause: string, shouldFail: boolean, outcomes: readonly ClauseOutcome[]): string[] {
  const refuted = outcomes.find((outcome) => outcome.verdict === 'refuted')
  if (shouldFail) return refuted === undefined ? [`clause "${clause}" was expected to be refuted and was not`] : []
  return outcomes.flatMap((outcome) =>
    outcome.verdict === 'refuted' || outcome.verdict === 'unknown' ? [`clause "${clause}" is ${outcome.verdict}: ${outcome.why}`] : [],
  )
}
