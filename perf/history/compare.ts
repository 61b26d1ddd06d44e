/** Compares two sides of the history figure by figure: regression, improvement, noise or unknown, and what differs around them. */
import type { Fact } from '../environment/fact.ts'
import type { Environment } from '../environment.ts'
import { figuresOf, seriesKey, spreadIn, type Figure, type Series } from './figures.ts'
import type { FoundRun, Side } from './find.ts'
import type { History } from './open.ts'
import { judgeShift, type Shift, type ShiftVerdict } from './shift.ts'

export interface Compared {
  readonly series: Series
  readonly runs: readonly [before: number, after: number]
  readonly shift: Shift
}

export interface Comparison {
  readonly before: Side
  readonly after: Side
  /** Nothing can be said, in one sentence; else null. */
  readonly refused: string | null
  readonly figures: readonly Compared[]
  /** Figures that only one side has. */
  readonly alone: { readonly before: number; readonly after: number }
  /** What is not the same around the figures, in words. */
  readonly cautions: readonly string[]
}

export function compareSides(history: History, before: Side, after: Side): Comparison {
  const told = (refused: string | null): Comparison => ({
    before,
    after,
    refused,
    figures: [],
    alone: { before: 0, after: 0 },
    cautions: [],
  })
  const machines = machinesOf(before).filter((machine) => machinesOf(after).includes(machine))
  for (const side of [before, after])
    if (side.runs.length === 0) return told(`"${side.reference}" measured nothing: whether anything moved is unknown`)
  if (machines.length === 0) return told(foreignText(before, after))
  const sides = [before, after].map((side) => groupBySeries(figuresOf(history, on(machines, side.runs), side.fingerprint)))
  const [earlier, later] = sides as [ReadonlyMap<string, Figure[]>, ReadonlyMap<string, Figure[]>]
  const shared = [...later.keys()].filter((key) => earlier.has(key))
  if (shared.length === 0) return told(nothingShared(before, after))
  const figures = shared.map((key) => compareOne(history, earlier.get(key)!, later.get(key)!, shared.length))
  const alone = { before: earlier.size - shared.length, after: later.size - shared.length }
  return { ...told(null), figures, alone, cautions: cautionsOf(on(machines, before.runs), on(machines, after.runs)) }
}

/** The worst that was found; a comparison that was refused, or that told nothing, is unknown. */
export function standingOf({ refused, figures }: Comparison): ShiftVerdict {
  const found = new Set(figures.map(({ shift }) => shift.verdict))
  if (refused !== null || found.size === 0) return 'unknown'
  if (found.has('regression')) return 'regression'
  if (found.has('unknown') && found.size === 1) return 'unknown'
  return found.has('improvement') ? 'improvement' : 'noise'
}

function compareOne(history: History, before: readonly Figure[], after: readonly Figure[], together: number): Compared {
  const { series, result } = after[0]!
  const spread = spreadIn(history, series)
  const worse = result === null ? worseByUnit(series.unit) : result.budget.op.startsWith('<') ? 'more' : 'less'
  return { series, runs: [before.length, after.length], shift: judgeShift({ before, after, spread, worse, together }) }
}

/** Times, sizes and what they grow by in an hour are better small, rates large; of other units nobody knows. */
export function worseByUnit(unit: string): 'more' | 'less' | null {
  if (/\/h$/.test(unit)) return 'more'
  if (/\/s$|per second$/.test(unit)) return 'less'
  return /^(ns|us|µs|ms|s|B|bytes|KB|KiB|MB|MiB|GB|GiB)$/.test(unit) ? 'more' : null
}

function groupBySeries(figures: readonly Figure[]): ReadonlyMap<string, Figure[]> {
  return Map.groupBy(figures, (figure) => seriesKey(figure.series))
}

const machinesOf = (side: Side) => [...new Set(side.runs.map((run) => run.machine))]
const on = (machines: readonly string[], runs: readonly FoundRun[]) => runs.filter((run) => machines.includes(run.machine))

function foreignText(before: Side, after: Side): string {
  const words = (side: Side) =>
    machinesOf(side)
      .map((key) => machineText(key, side))
      .join(' and ')
  return `"${before.reference}" was measured on another machine (${words(before)}) than "${after.reference}" (${words(after)}): whether anything moved is unknown`
}

function machineText(key: string, side: Side): string {
  const environment = side.runs.find((run) => run.machine === key)?.environment as Environment | null | undefined
  if (environment?.processors === undefined) return key
  const { processors, memoryBytes } = environment
  return `${key}: ${processors.count} × ${processors.model}, ${Math.round(memoryBytes / 2 ** 30)} GiB`
}

function nothingShared(before: Side, after: Side): string {
  return `"${before.reference}" and "${after.reference}" share no figure of one entry, metric, pooler, topology and profile: whether anything moved is unknown`
}

/** Figures are only as comparable as what they were made in. */
function cautionsOf(before: readonly FoundRun[], after: readonly FoundRun[]): readonly string[] {
  return watched.flatMap(([name, read]) => {
    const [a, b] = [before, after].map((runs) => [...new Set(runs.map((run) => tell(run.environment, read)))].toSorted().join(' or '))
    return a === b ? [] : [`${name}: ${a} before, ${b} after`]
  })
}

const watched: readonly (readonly [string, (environment: Environment) => Fact<unknown> | string | undefined])[] = [
  ['kernel', (environment) => environment.kernel],
  ['frequency governor', (environment) => environment.processors.governor],
  ['Node', (environment) => environment.versions['harness']],
  ['queue of connections', (environment) => environment.settings.somaxconn],
  ['descriptors', (environment) => environment.settings.openFiles],
]

function tell(environment: unknown, read: (environment: Environment) => Fact<unknown> | string | undefined): string {
  const told = (environment as Environment | null)?.processors === undefined ? undefined : read(environment as Environment)
  if (told === undefined) return 'not told'
  return typeof told === 'string' ? told : String(told.value ?? 'not told')
}
