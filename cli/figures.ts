/** Brings the figures of runs from their evidence into the history. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EvidenceLine, Setting } from '../spec/evidence.ts'
import { figuresOf as figuresOfRun, trendOf } from '../perf/history/figures.ts'
import { openHistory, type History } from '../perf/history/open.ts'
import { recordRun, type RecordedFigure, type RecordedRun } from '../perf/history/record.ts'
import type { MeasuredResult } from '../perf/result.ts'
import type { TrendOf } from '../reports/pictures.ts'
import { readRun, readRuns, type RunOnDisk } from '../reports/read.ts'

/** Enters one run; resolves to how many figures are new. A run that measured nothing leaves no trace. */
export function keepFigures(history: History, dir: string): number {
  return keep(history, readRun(dir))
}

/** Enters every run that is on disk, also one that was killed before it could. */
export function openFullHistory(out: string): History {
  const history = openHistory()
  const known = new Set(
    history.db
      .prepare('select name from runs')
      .all()
      .map((row) => String(row['name'])),
  )
  for (const run of readRuns(out)) if (!known.has(run.name)) keep(history, run)
  return history
}

/** The figures before those of a report, for its plots. */
export function trendsIn(history: History): TrendOf {
  return (row, { clause, metric }) => {
    const runs = row.run === null ? [] : history.db.prepare('select id from runs where name = ?').all(row.run)
    const id = runs[0]?.['id']
    const figures = typeof id === 'number' ? figuresOfRun(history, [{ id }], row.folded?.setting.fingerprint ?? null) : []
    const own = figures.find((one) => one.series.entry === row.entry.id && one.series.clause === clause && one.series.metric === metric)
    return own === undefined ? [] : trendOf(history, own.series, 20)
  }
}

function keep(history: History, run: RunOnDisk): number {
  const recorded = recordedRun(run)
  const figures = recorded === null ? [] : figuresOf(run)
  return recorded === null || figures.length === 0 ? 0 : recordRun(history, recorded, figures)
}

/** Null for a run whose evidence does not say on which machine it ran. */
function recordedRun({ name, dir, run }: RunOnDisk): RecordedRun | null {
  const machine = run?.machine['key']
  if (run === null || typeof machine !== 'string') return null
  const file = join(dir, 'environment.json')
  const environment = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : null
  const { at, version, dirty, seed, profile, liar } = run
  return { name, at, version, dirty, seed, profile, machine, standIn: liar, environment }
}

/** The figures of entries, each with the system on which its attempt ran. */
function figuresOf({ lines, dir }: RunOnDisk): readonly RecordedFigure[] {
  const versions = new Map(lines.flatMap((line) => (line.kind === 'stack' ? [[line.setting.fingerprint, line.versions] as const] : [])))
  const settings = new Map<string, Setting>()
  const told = lines.flatMap((line): RecordedFigure[] => {
    if (line.kind === 'started') settings.set(line.entry, line.setting)
    const figure = toldBy(line, dir)
    const setting = 'entry' in line ? settings.get(line.entry) : undefined
    if (figure === null || setting === undefined || !('entry' in line)) return []
    const system = { setting, versions: versions.get(setting.fingerprint) ?? {} }
    return [{ system, entry: line.entry, attempt: line.attempt, at: line.at, told: figure }]
  })
  return told.filter((one) => !isToldTwice(one, told))
}

/** The ends of an interval are also evidence of their own, for whoever reads lines; here the result tells them. */
function isToldTwice(one: RecordedFigure, all: readonly RecordedFigure[]): boolean {
  return all.some(
    (other) => 'effect' in other.told && !('effect' in one.told) && other.entry === one.entry && isOf(one.told.metric, other.told.metric),
  )
}

const isOf = (name: string, metric: string) => name === metric || name.startsWith(`${metric}, `)

function toldBy(line: EvidenceLine, dir: string): RecordedFigure['told'] | null {
  if (line.kind === 'measured') return { metric: line.name, unit: line.unit, value: line.value }
  if (line.kind !== 'attached' || !line.name.endsWith('.measured.json')) return null
  const file = join(dir, line.path)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MeasuredResult) : null
}
