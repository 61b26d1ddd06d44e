/** The plan of a run: every entry of the specification, in or out and why, fixed and hashed before anything starts. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readRun, type Plan, type PlannedEntry } from '../reports/read.ts'
import type { Spec } from '../spec/load.ts'
import { choose } from './selection.ts'
import type { SuiteOptions } from './suite-options.ts'

/** What `plan.json` says beyond what reports read: enough to run the same again. */
export interface FullPlan extends Plan {
  readonly system: Pick<SuiteOptions, 'poolers' | 'provider' | 'topology' | 'programs' | 'profile' | 'seed'>
}

/** The hash covers what decides which proofs are tried on what; how long they took last time does not. */
export function makePlan(spec: Spec, options: SuiteOptions, out: string): FullPlan {
  const { poolers, provider, topology, programs, profile, seed } = options
  const last = lastDurations(out)
  const entries = choose(spec, options.wish).map(({ entry, in: isIn, why }): PlannedEntry => ({
    id: entry.id,
    in: isIn,
    why,
    needs: entry.needs,
    lastMs: last.get(entry.id) ?? null,
  }))
  const words = entries.map(({ id, in: isIn }) => [id, isIn, spec.entries.get(id)?.digest])
  const hash = createHash('sha256').update(JSON.stringify({ poolers, provider, topology, programs, profile, words })).digest('hex')
  return { hash, pooler: poolers.join('+'), provider, entries, system: { poolers, provider, topology, programs, profile, seed } }
}

/** Entry → how long it took when it last ended, ms. Runs of liars and runs that cannot be read do not count. */
function lastDurations(out: string): ReadonlyMap<string, number> {
  const ended = linesOfRuns(out).filter((line) => line.kind === 'ended')
  return new Map(ended.toSorted((a, b) => a.at.localeCompare(b.at)).map((line) => [line.entry, line.durationMs]))
}

function linesOfRuns(out: string) {
  const names = existsSync(out) ? readdirSync(out) : []
  return names.flatMap((name) => {
    try {
      const { run, lines } = readRun(join(out, name))
      return run === null || run.liar !== null ? [] : lines
    } catch {
      return []
    }
  })
}

export const idsIn = (plan: Plan): readonly string[] => plan.entries.filter((entry) => entry.in).map((entry) => entry.id)

/** What is left of one pass over the plan, in ms; an entry that never ran counts as a second. */
export function remainingMs(plan: Plan, done: ReadonlySet<string>): number {
  return plan.entries.filter((entry) => entry.in && !done.has(entry.id)).reduce((sum, entry) => sum + (entry.lastMs ?? 1_000), 0)
}
