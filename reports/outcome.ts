/** What a run comes to: how many rows are as expected, and which exit code that is under a gate. */
import type { Row } from './rows.ts'

/** `run`: everything the plan wanted; `p0`: of that only P0 decides; `release`: every entry of the specification. */
export type Gate = 'run' | 'p0' | 'release'

export type Standing = 'passed' | 'failed' | 'skipped'

export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** 0 as expected, 1 a surprise, 2 unknown or missing under the gate. */
  readonly exitCode: 0 | 1 | 2
}

/** As expected = passed; unsupported = skipped; a surprise, unknown or missing = failed. */
export function standingOf(row: Row): Standing {
  if (row.verdict === 'unsupported') return 'skipped'
  return row.verdict !== 'missing' && row.surprise === null && !row.folded?.flipped ? 'passed' : 'failed'
}

/** The rows that count: those the plan wanted, or all under the release gate. */
export function counted(rows: readonly Row[], gate: Gate): readonly Row[] {
  return gate === 'release' ? rows : rows.filter((row) => row.planned)
}

export function outcomeOf(rows: readonly Row[], gate: Gate): Outcome {
  const under = counted(rows, gate)
  const count = (standing: Standing) => under.filter((row) => standingOf(row) === standing).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), exitCode: exitCodeOf(under, gate) }
}

function exitCodeOf(rows: readonly Row[], gate: Gate): Outcome['exitCode'] {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  if (failed.some(isSurprise)) return 1
  const deciding = gate === 'p0' ? failed.filter((row) => row.entry.priority === 'P0') : failed
  return deciding.length > 0 || rows.length === 0 ? 2 : 0
}

/** A refutation nobody expected, or a proof where a refutation was expected, or attempts that do not agree. */
function isSurprise(row: Row): boolean {
  return row.verdict === 'refuted' || row.verdict === 'proved'
}

/** The line that closes every run. */
export function closingLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
