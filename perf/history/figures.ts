/** Figures read back from the history, in series: one series is one metric of one entry on one kind of system and machine. */
import type { MeasuredResult } from '../result.ts'
import type { FoundRun } from './find.ts'
import type { History } from './open.ts'
import { spreadOf, type Estimate, type Spread } from './shift.ts'

/** What must be the same for two figures to be compared. */
export interface Series {
  readonly machine: string
  readonly profile: string
  readonly entry: string
  readonly clause: string
  readonly metric: string
  readonly unit: string
  readonly pooler: string
  readonly provider: string
  readonly topology: string
}

export interface Figure extends Estimate {
  readonly series: Series
  readonly run: string
  readonly at: string
  readonly version: string
  readonly fingerprint: string
  readonly verdict: string
  /** Null for a single reading. */
  readonly result: MeasuredResult | null
}

const columns = `runs.name as run, runs.machine, runs.profile, runs.version, figures.at, fingerprint, pooler, provider, topology,
  entry, clause, metric, unit, value, low, high, smallest, verdict`
const joined = 'from figures join runs on runs.id = figures.run join systems on systems.id = figures.system'

export const seriesKey = (series: Series): string => JSON.stringify(Object.values(series))

/** Of some runs, of one system if one is named. */
export function figuresOf(history: History, runs: readonly Pick<FoundRun, 'id'>[], fingerprint: string | null): readonly Figure[] {
  const ask = history.db.prepare(
    `select ${columns}, result ${joined} where figures.run = ? and (? is null or fingerprint = ?) order by figures.id`,
  )
  return runs.flatMap(({ id }) => ask.all(id, fingerprint, fingerprint).map(figureOf))
}

/** The newest figures of a series, the oldest first, without what stood in for a part; results are left out. */
export function trendOf(history: History, series: Series, most = 50): readonly Figure[] {
  return ask(history, series, most)
}

/** How much runs of one system differ by themselves, over all systems of the series. */
export function spreadIn(history: History, series: Series): Spread | null {
  const groups = Map.groupBy(ask(history, series, 500), (figure) => figure.fingerprint)
  return spreadOf([...groups.values()].map((group) => group.map((figure) => figure.value)))
}

function ask(history: History, series: Series, most: number): readonly Figure[] {
  const { machine, profile, entry, clause, metric, unit, pooler, provider, topology } = series
  return history.db
    .prepare(
      `select ${columns} ${joined} where stand_in is null and runs.machine = ? and runs.profile = ? and entry = ? and clause = ?
         and metric = ? and unit = ? and pooler = ? and provider = ? and topology = ? order by figures.at desc, figures.id desc limit ?`,
    )
    .all(machine, profile, entry, clause, metric, unit, pooler, provider, topology, most)
    .map(figureOf)
    .toReversed()
}

function figureOf(row: Record<string, unknown>): Figure {
  const text = (name: string) => String(row[name])
  const known = (name: string) => (typeof row[name] === 'number' ? row[name] : null)
  const result = row['result']
  return {
    series: {
      machine: text('machine'),
      profile: text('profile'),
      entry: text('entry'),
      clause: text('clause'),
      metric: text('metric'),
      unit: text('unit'),
      pooler: text('pooler'),
      provider: text('provider'),
      topology: text('topology'),
    },
    run: text('run'),
    at: text('at'),
    version: text('version'),
    fingerprint: text('fingerprint'),
    value: Number(row['value']),
    low: known('low'),
    high: known('high'),
    smallest: known('smallest'),
    verdict: text('verdict'),
    result: typeof result === 'string' ? (JSON.parse(result) as MeasuredResult) : null,
  }
}
