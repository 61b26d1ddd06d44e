/** What a run comes to: how many rows are as expected, and which exit code that is under a gate. */
import { isUndecided } from '../spec/undecided.ts'
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

/** As expected = passed; unsupported, or left open by figures that this machine could not make clear = skipped; a surprise, unknown or missing, or attempts that do not agree = failed. */
export function standingOf(row: Row): Standing {
  if (row.folded?.flipped) return 'failed'
  if (row.verdict === 'unsupported' || isOpen(row)) return 'skipped'
  return row.verdict !== 'missing' && row.surprise === null ? 'passed' : 'failed'
}

/** The rows that count: those a plan wanted or that were tried, or all under the release gate. */
export function counted(rows: readonly Row[], gate: Gate): readonly Row[] {
  return gate === 'release' ? rows : rows.filter((row) => row.planned)
}

export function outcomeOf(rows: readonly Row[], gate: Gate): Outcome {
  const under = counted(rows, gate)
  const count = (standing: Standing) => under.filter((row) => standingOf(row) === standing).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), exitCode: exitCodeOf(under, gate) }
}

/** Where nothing decides, nothing is green; and what a release could not try is not known. */
function exitCodeOf(rows: readonly Row[], gate: Gate): Outcome['exitCode'] {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  if (failed.some(isSurprise)) return 1
  const decides = (row: Row) => gate !== 'p0' || row.entry.priority === 'P0'
  const lacking = gate === 'release' && rows.some((row) => standingOf(row) === 'skipped')
  const open = gate === 'p0' && rows.some((row) => isOpen(row) && decides(row))
  return lacking || open || failed.some(decides) || !rows.some(decides) ? 2 : 0
}

/** A measured entry that this machine could not decide. */
export function isOpen({ entry, folded }: Row): boolean {
  return folded !== null && isUndecided(entry, folded)
}

/** Of a failed row: it could be told, and is not as it should be. */
function isSurprise({ verdict }: Row): boolean {
  return verdict !== 'unknown' && verdict !== 'missing'
}

/** The line that closes every run. */
export function closingLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
