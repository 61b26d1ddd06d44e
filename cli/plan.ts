/** The plan of a run: every entry of the specification, in or out and why, fixed and hashed before anything starts. */
import { createHash } from 'node:crypto'
import type { Spec } from '../spec/load.ts'
import { readRuns, type Plan, type PlannedEntry } from '../reports/read.ts'
import { choose, type Wish } from './selection.ts'

export interface PlanWish extends Wish {
  readonly pooler: string
  readonly provider: string
}

export function makePlan(spec: Spec, wish: PlanWish, out: string): Plan {
  const last = lastDurations(out)
  const entries = choose(spec, wish).map(({ entry, in: isIn, why }): PlannedEntry => ({
    id: entry.id,
    in: isIn,
    why,
    needs: entry.needs,
    lastMs: last.get(entry.id) ?? null,
  }))
  const body = { pooler: wish.pooler, provider: wish.provider, entries }
  const hashed = {
    pooler: wish.pooler,
    provider: wish.provider,
    entries: entries.map(({ id, in: isIn }) => [id, isIn, spec.entries.get(id)?.digest]),
  }
  return { hash: createHash('sha256').update(JSON.stringify(hashed)).digest('hex'), ...body }
}

/** Entry → how long it took when it last ended, ms. */
function lastDurations(out: string): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  for (const run of readRuns(out)) for (const line of run.lines) if (line.kind === 'ended') last.set(line.entry, line.durationMs)
  return last
}

export const idsIn = (plan: Plan): readonly string[] => plan.entries.filter((entry) => entry.in).map((entry) => entry.id)

/** What is left of the plan, in ms, as far as it is known. */
export function remainingMs(plan: Plan, done: ReadonlySet<string>): number {
  return plan.entries.filter((entry) => entry.in && !done.has(entry.id)).reduce((sum, entry) => sum + (entry.lastMs ?? 1_000), 0)
}
