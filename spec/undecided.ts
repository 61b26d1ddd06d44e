/** What a machine could not decide: not the system's doing and not the harness's, never green, and no reason to fail a run on a laptop. */
import type { Entry } from './entry.ts'
import type { ClauseOutcome, UnknownReason } from './evidence.ts'
import { expectationOf, type Folded } from './verdict.ts'

const reasons: ReadonlySet<UnknownReason> = new Set(['machine-too-small', 'inconclusive', 'load-not-reached'])

/** Of a measured entry: everything in it is as expected, but for clauses whose figures did not decide on this machine. */
export function isUndecided(entry: Entry, folded: Folded): boolean {
  if (entry.kind !== 'perf' || folded.verdict === 'proved' || folded.whole.verdict !== 'proved') return false
  const expected = expectationOf(entry, folded.setting.pooler)
  const refuted = expected.verdict === 'refuted' ? expected.clauses : []
  const clauses = Object.entries(folded.clauses)
  const other = clauses.filter(([key, outcome]) => outcome.verdict !== (refuted.includes(key) ? 'refuted' : 'proved'))
  return other.length > 0 && other.every(([, outcome]) => isOpen(outcome))
}

const isOpen = (outcome: ClauseOutcome): boolean => outcome.verdict === 'unknown' && reasons.has(outcome.reason)
