/** Enters the figures of a run into the history; entering the same again changes nothing. */
import type { Setting } from '../../spec/evidence.ts'
import type { MeasuredResult } from '../result.ts'
import type { History } from './open.ts'

export interface RecordedRun {
  readonly name: string
  readonly at: string
  /** Package version and commit, `0.1.0+1a2b3c4`. */
  readonly version: string
  readonly dirty: boolean
  readonly seed: string
  readonly profile: string
  /** Key of the machine. */
  readonly machine: string
  /** What stood in for a part of ours. */
  readonly standIn: string | null
  readonly environment: unknown
}

/** A system that figures were taken of. */
export interface RecordedSystem {
  readonly setting: Setting
  readonly versions: Readonly<Record<string, string>>
}

/** One figure: measured in blocks with an interval, or a single reading. */
export interface RecordedFigure {
  readonly system: RecordedSystem
  readonly entry: string
  readonly attempt: number
  readonly at: string
  readonly told: MeasuredResult | Reading
}

export interface Reading {
  readonly metric: string
  readonly unit: string
  readonly value: number
  /** Where the reading has an interval of its own. */
  readonly low?: number
  readonly high?: number
}

/** Resolves to how many figures are new. */
export function recordRun(history: History, run: RecordedRun, figures: readonly RecordedFigure[]): number {
  return history.together(() => {
    const id = enterRun(history, run)
    return figures.reduce((sum, figure) => sum + enterFigure(history, id, enterSystem(history, figure.system), figure), 0)
  })
}

function enterRun({ db }: History, run: RecordedRun): number {
  const { name, at, version, dirty, seed, profile, machine, standIn, environment } = run
  db.prepare(
    `insert into runs (name, at, version, dirty, seed, profile, machine, stand_in, environment)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (name) do nothing`,
  ).run(name, at, version, dirty ? 1 : 0, seed, profile, machine, standIn, environment === null ? null : JSON.stringify(environment))
  return idOf(db.prepare('select id from runs where name = ?').get(name))
}

function enterSystem({ db }: History, { setting, versions }: RecordedSystem): number {
  const { fingerprint, pooler, provider, topology } = setting
  db.prepare(
    `insert into systems (fingerprint, pooler, provider, topology, versions) values (?, ?, ?, ?, ?) on conflict (fingerprint) do nothing`,
  ).run(fingerprint, pooler, provider, topology, JSON.stringify(versions))
  return idOf(db.prepare('select id from systems where fingerprint = ?').get(fingerprint))
}

function enterFigure({ db }: History, run: number, system: number, figure: RecordedFigure): number {
  const { entry, attempt, at, told } = figure
  const row =
    'effect' in told
      ? [told.clause, told.metric, told.unit, at, told.effect, told.interval.low, told.interval.high, told.smallestVisibleEffect]
      : ['', told.metric, told.unit, at, told.value, finite(told.low), finite(told.high), null]
  const rest = 'effect' in told ? [told.verdict.verdict, JSON.stringify(told)] : ['reading', null]
  const done = db
    .prepare(
      `insert into figures (run, system, entry, attempt, clause, metric, unit, at, value, low, high, smallest, verdict, result)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    )
    .run(run, system, entry, attempt, ...row, ...rest)
  return Number(done.changes)
}

function idOf(row: Record<string, unknown> | undefined): number {
  return Number(row?.['id'])
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null)
