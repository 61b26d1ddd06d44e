/** What was wanted: which entries the plans had in, on which poolers, and why the rest was left out. */
import type { Entry } from '../spec/entry.ts'
import type { Setting } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import type { Gate } from './outcome.ts'
import type { Plan, RunOnDisk } from './read.ts'
import type { StandIns } from './validity.ts'

type Pooler = Setting['pooler']

export interface Wants {
  /** On which poolers the entry should have been tried. */
  poolers(id: string): ReadonlySet<Pooler>
  /** Why there is no evidence of it. */
  whyNot(id: string, pooler: Pooler): string
}

/** Over all plans; the newest says why something was left out. A liar's plan wants nothing of the system, unless its run alone is asked for. */
export function wantsOf(spec: Spec, runs: readonly RunOnDisk[], { standIns, gate }: { standIns: StandIns; gate: Gate }): Wants {
  const plans = runs.filter((run) => standIns === 'admitted' || !run.run?.liar).flatMap(({ plan }) => (plan === null ? [] : [plan]))
  const poolers = new Map<string, Set<Pooler>>()
  const want = (id: string, pooler: Pooler) => poolers.set(id, (poolers.get(id) ?? new Set()).add(pooler))
  for (const plan of plans)
    for (const { id } of plan.entries.filter((one) => one.in)) for (const pooler of poolersOf(plan)) want(id, pooler)
  for (const entry of spec.entries.values()) if (gate === 'release' && isAboutPooler(entry)) want(entry.id, 'pgdog')
  const newest = new Map(plans.at(-1)?.entries.map((one) => [one.id, one]))
  return {
    poolers: (id) => poolers.get(id) ?? new Set(),
    whyNot(id, pooler) {
      const told = newest.get(id)
      if (told !== undefined && !told.in) return `not run: ${told.why}`
      return pooler === 'none' ? 'it never ran' : `it never ran on ${pooler}`
    },
  }
}

function poolersOf(plan: Plan): readonly Pooler[] {
  const named = plan.pooler.split('+').filter((one): one is 'pgdog' | 'router' => one === 'pgdog' || one === 'router')
  return named.length > 0 ? named : ['none']
}

/** Its proof runs through the pooler, whose system under test is PgDog: the reference router only stands in for it. */
export function isAboutPooler(entry: Entry): boolean {
  return [...entry.needs, ...entry.clauses.flatMap((clause) => clause.needs)].some((need) => need === 'pooler' || need === 'pooler-admin')
}
