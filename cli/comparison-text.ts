/** A comparison of two sides of the history, in words for a terminal and for Markdown. */
import { standingOf, type Compared, type Comparison } from '../perf/history/compare.ts'
import type { FoundRun, Side } from '../perf/history/find.ts'
import type { ShiftVerdict } from '../perf/history/shift.ts'

const headings = ['Figure', 'Unit', 'Before', 'After', 'Shift, 95 % for all together', '', 'Verdict'] as const
const order: readonly ShiftVerdict[] = ['regression', 'improvement', 'unknown', 'noise']

export function comparisonText(comparison: Comparison): string {
  const { before, after, refused, figures, cautions } = comparison
  if (refused !== null) return `unknown: ${refused}`
  const rows = figures.toSorted((a, b) => order.indexOf(a.shift.verdict) - order.indexOf(b.shift.verdict)).map(cellsOf)
  const lines = [
    `before ${sideText(before)}`,
    `after  ${sideText(after)}`,
    '',
    ...aligned([[...headings], ...rows]),
    '',
    ...cautions.map((caution) => `not the same: ${caution}`),
    ...aloneText(comparison),
    `${standingOf(comparison)}: ${countText(figures)}`,
  ]
  return lines.join('\n')
}

function cellsOf({ series, shift }: Compared): string[] {
  const { entry, clause, metric, pooler, unit } = series
  const { from, to, by, interval, verdict, why, smallestVisible } = shift
  const name = [entry, clause, metric, pooler].filter((word) => word !== '').join(' ')
  const span = interval === null ? '' : `[${signed(interval.low)}, ${signed(interval.high)}]`
  const seen = verdict === 'noise' && smallestVisible !== null ? `; below ${numberText(smallestVisible)} nothing shows` : ''
  return [
    name,
    unit,
    numberText(from),
    numberText(to),
    `${signed(by)}${percentText(by, from)}`,
    span,
    `${verdict}${why === '' ? '' : `: ${why}`}${seen}`,
  ]
}

const percentText = (by: number, from: number) => (from === 0 ? '' : ` (${signed((100 * by) / Math.abs(from), 2)} %)`)

/** Three digits that count. */
export function numberText(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  return magnitude >= digits ? String(Math.round(value)) : value.toFixed(Math.min(6, Math.max(0, digits - 1 - magnitude)))
}

const signed = (value: number, digits?: number) => `${value > 0 ? '+' : ''}${numberText(value, digits)}`

function sideText({ reference, runs, fingerprint }: Side): string {
  const what = fingerprint === null ? reference : `system ${fingerprint}`
  return `${what}: ${runs.length === 1 ? runText(runs[0]!) : `${runs.length} runs, the newest ${runText(runs.at(-1)!)}`}`
}

const runText = ({ name, version, dirty, machine }: FoundRun) => `${name}, ${version}${dirty ? ' with changes' : ''}, machine ${machine}`

function aloneText({ alone, before, after }: Comparison): string[] {
  return [
    [alone.before, before],
    [alone.after, after],
  ].flatMap(([count, side]) => (count === 0 ? [] : [`${count as number} figures that only ${(side as Side).reference} has are left out`]))
}

function countText(figures: readonly Compared[]): string {
  const counts = Map.groupBy(figures, ({ shift }) => shift.verdict)
  return order.flatMap((verdict) => (counts.has(verdict) ? [`${counts.get(verdict)?.length} ${verdict}`] : [])).join(', ')
}

/** The last column is as long as it is. */
function aligned(rows: readonly string[][]): string[] {
  const widths = headings.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at === row.length - 1 ? cell : at >= 2 && at <= 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
