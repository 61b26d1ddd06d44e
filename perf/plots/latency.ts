/** Latency by percentile, one line for each arm; where both clocks were kept, also from the moment of sending. */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import type { ArmFigures, MeasuredResult } from '../result.ts'
import type { Line, Plot, Point } from './plot.ts'

/** Null where no times were taken. */
export function latencyPlot(result: MeasuredResult): Plot | null {
  const lines = result.arms.flatMap((arm, tone) => linesOf(arm, tone))
  if (lines.length === 0) return null
  const values = lines.flatMap((line) => line.points.map((point) => point.y))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const both = result.arms.some((arm) => arm.sentHistogram)
  return {
    title: `${result.id} ${result.metric}: latency by percentile${result.conditions.pooler === 'none' ? '' : ` (${result.conditions.pooler})`}`,
    description: `${result.arms.map(armText).join('; ')}. ${both ? 'Solid lines count from the scheduled instant, dashed ones from the moment of sending: what lies between is omission.' : 'Counted from the scheduled instant.'} ${result.conditions.load}.`,
    x: { label: 'share of operations that were at most so slow', scale: 'percentile' },
    y: { label: 'latency, ms', scale: most > 20 * Math.max(least, 1e-3) ? 'log' : 'linear' },
    lines: both ? [...lines, { name: 'from the moment of sending', points: [], tone: 5, dashed: true, drawn: 'line' }] : lines,
    marks: [],
  }
}

function linesOf(arm: ArmFigures, tone: number): readonly Line[] {
  const line = (histogram: string | null | undefined, name: string, dashed: boolean): Line[] =>
    histogram ? [{ name, points: pointsOf(histogram), tone, dashed, drawn: 'line' }] : []
  return [...line(arm.histogram, arm.name, false), ...line(arm.sentHistogram, '', true)]
}

const steps = 160

function pointsOf(encoded: string): readonly Point[] {
  const histogram = decodeFromCompressedBase64(encoded)
  const nines = Math.log10(Math.max(histogram.totalCount, 10))
  return Array.from({ length: steps + 1 }, (_, n) => {
    const share = 1 - 10 ** ((-n / steps) * nines)
    return { x: share, y: Math.max(histogram.getValueAtPercentile(share * 100), 1) / 1000 }
  })
}

function armText({ name, operations, percentiles }: ArmFigures): string {
  const told = Object.entries(percentiles).map(([share, ms]) => `p${Number((Number(share) * 100).toFixed(4))} ${ms.toFixed(3)} ms`)
  return `${name}: ${operations} operations${told.length === 0 ? '' : `, ${told.join(', ')}`}`
}
