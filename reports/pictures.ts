/** What was measured in blocks, row by row: the results as they were kept, and the plots that show them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../perf/history/figures.ts'
import { curvePlot, type ThroughputCurve } from '../perf/plots/curve.ts'
import { latencyPlot } from '../perf/plots/latency.ts'
import type { Plot } from '../perf/plots/plot.ts'
import { drawPlot } from '../perf/plots/svg.ts'
import { trendPlot } from '../perf/plots/trend.ts'
import type { MeasuredResult } from '../perf/result.ts'
import type { Row } from './rows.ts'

export interface Pictured {
  readonly row: Row
  readonly results: readonly MeasuredResult[]
  readonly plots: readonly Plot[]
}

/** The figures of earlier runs with which one may be compared, the oldest first and itself among them. */
export type TrendOf = (row: Row, result: MeasuredResult) => readonly Figure[]

/** Rows without results are left out. */
export function picturesOf(rows: readonly Row[], trendOf: TrendOf): readonly Pictured[] {
  return rows.flatMap((row) => {
    const results = readKept<MeasuredResult>(row, '.measured.json')
    const curves = readKept<ThroughputCurve>(row, '.curve.json')
    const plots = [
      ...results.map(latencyPlot),
      ...curves.map(curvePlot),
      ...results.map((result) => trendPlot(trendOf(row, result), result.budget)),
    ].filter((plot) => plot !== null)
    return results.length + curves.length === 0 ? [] : [{ row, results, plots }]
  })
}

/** Only what is as it was recorded; of several attempts the last. */
function readKept<T>(row: Row, ending: string): readonly T[] {
  const kept = row.exhibits.kept.filter((one) => one.name.endsWith(ending) && one.state === 'whole')
  const newest = new Map(kept.map((one) => [one.name, one.file]))
  return [...newest.values()].map((file) => JSON.parse(readFileSync(file, 'utf8')) as T)
}

export interface Drawn {
  readonly name: string
  readonly file: string
}

/** Each plot as a file of its own, for reports that show files. */
export function writePlots(pictured: readonly Pictured[], into: string): ReadonlyMap<Row, readonly Drawn[]> {
  const dir = join(into, 'plots')
  rmSync(dir, { recursive: true, force: true })
  if (pictured.some(({ plots }) => plots.length > 0)) mkdirSync(dir, { recursive: true })
  return new Map(
    pictured.map(({ row, plots }, at) => {
      const drawn = plots.map((plot, which) => {
        const file = join(dir, `${row.entry.id}-${row.pooler}-${at}-${which}.svg`)
        writeFileSync(file, drawPlot(plot, 'alone'))
        return { name: plot.title, file }
      })
      return [row, drawn]
    }),
  )
}
