/** Discharging clauses: an assertion that fails refutes the clause, anything else that is thrown leaves it unknown. */
import type { Entry } from '../../spec/entry.ts'
import type { ClauseOutcome } from '../../spec/evidence.ts'
import { Undecided } from '../../perf/measure.ts'
import type { EvidenceLog } from './evidence-log.ts'
import type { Secrets } from './secrets.ts'

export interface Clauses {
  /** Runs the assertions of one clause; true if they held. Never throws. */
  prove(clause: string, assertions: () => unknown): Promise<boolean>
  /** Records what befell a clause otherwise (its capability is absent, say). */
  record(clause: string, outcome: ClauseOutcome): void
  readonly outcomes: ReadonlyMap<string, readonly ClauseOutcome[]>
}

export function isAssertion(error: unknown): boolean {
  return error instanceof Error && error.name === 'AssertionError'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** What an error thrown inside a clause says about it. */
export function outcomeOf(error: unknown, secrets: Secrets): ClauseOutcome {
  const why = secrets.blank(error instanceof Undecided ? error.message : messageOf(error)).slice(0, 4000)
  if (error instanceof Undecided) return { verdict: 'unknown', reason: error.reason, why }
  return isAssertion(error) ? { verdict: 'refuted', why } : { verdict: 'unknown', reason: 'harness-error', why }
}

export function openClauses(
  entry: Entry,
  attempt: number,
  log: EvidenceLog,
  secrets: Secrets,
  absent: ReadonlyMap<string, string>,
): Clauses {
  const outcomes = new Map<string, ClauseOutcome[]>()
  const record = (clause: string, outcome: ClauseOutcome) => {
    outcomes.set(clause, [...(outcomes.get(clause) ?? []), outcome])
    log.append({ kind: 'clause', entry: entry.id, attempt, clause, outcome })
  }
  return {
    outcomes,
    record,
    async prove(clause, assertions) {
      if (!entry.clauses.some((known) => known.key === clause)) throw new Error(`${entry.id} has no clause "${clause}"`)
      const why = absent.get(clause)
      if (why !== undefined) return false
      try {
        await assertions()
        record(clause, { verdict: 'proved' })
        return true
      } catch (error) {
        record(clause, outcomeOf(error, secrets))
        return false
      }
    },
  }
}
