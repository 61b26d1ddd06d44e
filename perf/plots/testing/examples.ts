/** Plots of figures made up for tests. */
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { randomFrom } from '../../../fixtures/random.ts'
import type { Figure } from '../../history/figures.ts'
import { exampleResult } from '../../history/testing/example.ts'
import type { ArmFigures } from '../../result.ts'
import type { ThroughputCurve } from '../curve.ts'

export function exampleArm(name: string, middleMs: number, stallMs: number, count = 20_000): ArmFigures {
  const random = randomFrom(name)
  const histograms = [0, 1].map(() =>
    build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 }),
  )
  for (let i = 0; i < count; i++) {
    const served = middleMs * (0.6 + -Math.log(1 - random()) * 0.5)
    const waited = random() < 0.02 ? random() * stallMs : 0
    histograms[0]!.recordValue(Math.round((served + waited) * 1000))
    histograms[1]!.recordValue(Math.round((served + waited / 12) * 1000))
  }
  const percentiles = Object.fromEntries(
    [0.5, 0.9, 0.99, 0.999].map((share) => [share, histograms[0]!.getValueAtPercentile(share * 100) / 1000]),
  )
  const [histogram, sentHistogram] = histograms.map((one) => encodeIntoCompressedBase64(one))
  return { name, operations: count, errors: 0, histogram: histogram!, sentHistogram: sentHistogram!, percentiles }
}

export const exampleLatency = () =>
  exampleResult(0.42, { arms: [exampleArm('direct', 0.35, 6), exampleArm('system', 0.8, 14), exampleArm('direct again', 0.36, 6)] })

export const exampleCurve: ThroughputCurve = {
  version: 1,
  id: 'PERF-003',
  unit: 'queries/s',
  breaks: 'p99 is over five times that at rest',
  arms: [
    { name: 'direct', steps: stepsOf(14_000, 0.3), knee: 12_400 },
    { name: 'system', steps: stepsOf(8000, 0.7), knee: 7000 },
  ],
}

function stepsOf(most: number, restMs: number): ThroughputCurve['arms'][number]['steps'] {
  return [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1, 1.15].map((share) => {
    const offered = most * share
    const achieved = Math.min(offered, most * 0.97)
    const waits = 1 / Math.max(0.02, 1 - achieved / most)
    return { offered, achieved, p50Ms: restMs * (0.8 + waits / 12), p99Ms: restMs * (2 + waits), errors: 0 }
  })
}

export function exampleTrend(): readonly Figure[] {
  const random = randomFrom('trend')
  return Array.from({ length: 14 }, (_, n): Figure => {
    const value = (n < 9 ? 0.9 : 1.35) + random() * 0.12
    const commit = Math.floor(random() * 0xfffffff)
      .toString(16)
      .padStart(7, '0')
    return {
      series: {
        machine: 'a0affef48e7d',
        profile: 'gate',
        entry: 'PERF-002',
        clause: 'in-time',
        metric: 'query_overhead',
        unit: 'ms',
        pooler: 'pgdog',
        provider: 'embedded',
        topology: 'shards=1',
      },
      run: `run-${n}`,
      at: `2026-11-${String(n + 10)}T10:00:00.000Z`,
      version: `0.1.0+${commit}`,
      fingerprint: 'f0f0f0f0f0f0f0f0',
      value,
      low: value - 0.1,
      high: value + 0.14,
      smallest: 0.05,
      verdict: 'proved',
      result: null,
    }
  })
}
