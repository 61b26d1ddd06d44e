/** Throughput against latency: the load was raised step by step until it broke, and the knee is where it did. */
import type { Plot, Point } from './plot.ts'

export interface CurveStep {
  /** Operations per second that were due, and that were done. */
  readonly offered: number
  readonly achieved: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

/** Kept among the attachments of an entry, as `….curve.json`. */
export interface ThroughputCurve {
  readonly version: 1
  readonly id: string
  readonly arms: readonly {
    readonly name: string
    readonly steps: readonly CurveStep[]
    /** Operations per second that it still carried; null: it never broke. */
    readonly knee: number | null
  }[]
  /** When a step counts as broken, in words. */
  readonly breaks: string
  readonly unit: string
}

export const curveFile = 'throughput.curve.json'

export function curvePlot(curve: ThroughputCurve): Plot {
  return {
    title: `${curve.id}: latency against throughput`,
    description: `${curve.arms.map((arm) => `${arm.name}: ${arm.steps.map((step) => `${Math.round(step.achieved)} of ${Math.round(step.offered)} ${curve.unit} at p99 ${step.p99Ms.toFixed(2)} ms`).join(', ')}; ${kneeText(arm.knee, curve.unit)}`).join('. ')}. A step breaks where ${curve.breaks}.`,
    x: { label: `throughput, ${curve.unit}`, scale: 'linear' },
    y: { label: 'latency, ms', scale: 'log' },
    lines: curve.arms.flatMap((arm, tone) => [
      { name: `${arm.name} p99`, points: pointsOf(arm.steps, 'p99Ms'), tone, drawn: 'both' as const },
      { name: `${arm.name} p50`, points: pointsOf(arm.steps, 'p50Ms'), tone, dashed: true, drawn: 'line' as const },
    ]),
    marks: curve.arms.flatMap(({ name, knee }) =>
      knee === null
        ? []
        : [{ axis: 'x' as const, at: knee, name: curve.arms.length > 1 ? `knee, ${name}` : 'knee', kind: 'note' as const }],
    ),
  }
}

const kneeText = (knee: number | null, unit: string) => (knee === null ? 'no knee was reached' : `knee at ${Math.round(knee)} ${unit}`)

function pointsOf(steps: readonly CurveStep[], which: 'p50Ms' | 'p99Ms'): readonly Point[] {
  return steps.map((step) => ({ x: step.achieved, y: step[which] }))
}
