/** What a soak comes to: for each series whether it grows, and for all together: a leak, none seen, or too short to tell. */
import { judgeGrowth, median, type GrowthVerdict, type Sample } from './slope.ts'
import type { SoakRecord } from './watch.ts'

export interface SoakFinding extends GrowthVerdict {
  readonly series: string
  readonly unit: string
  readonly samplesOf: readonly Sample[]
  /** Shown and not judged, with the reason; null: it counts. */
  readonly shownOnly: string | null
}

export type SoakVerdict = 'leak' | 'no leak seen' | 'too short to tell'

interface Rule {
  readonly match: RegExp
  readonly unit: string
  /** From the middle value, what may be gained in an hour and is no leak yet. */
  readonly tolerance: (middle: number) => number
  /** What a process may gain altogether before it is said to grow. */
  readonly leastGain?: number
  /** In the first ten minutes, in which a heap still finds its size. */
  readonly leastGainEarly?: number
  /** In less time other work on the machine decides. */
  readonly leastSeconds?: number
  /** Falls where others rise. */
  readonly falls?: true
  readonly shownOnly?: string
}

const earlySeconds = 600
const sharedMemory = 'a server touches its shared memory bit by bit, and it counts once for each process'

const machinesPart = 'what the machine does to it is left out in the latency over direct'

const rules: readonly Rule[] = [
  { match: /^memory of postgres/, unit: 'MB', tolerance: () => 5, shownOnly: sharedMemory },
  { match: /^memory of /, unit: 'MB', tolerance: () => 1, leastGain: 24, leastGainEarly: 96 },
  { match: /^descriptors of postgres/, unit: 'descriptors', tolerance: () => 5, shownOnly: 'a server opens its files one by one' },
  { match: /^descriptors of /, unit: 'descriptors', tolerance: () => 1 },
  { match: /^server connections$/, unit: 'connections', tolerance: () => 1 },
  { match: /^latency over direct$/, unit: 'times', tolerance: (middle) => middle * 0.1, leastSeconds: 600 },
  { match: /^(added )?latency$/, unit: 'ms', tolerance: (middle) => Math.max(0.05, middle * 0.1), shownOnly: machinesPart },
  { match: /^answered$/, unit: 'queries/s', tolerance: (middle) => middle * 0.05, leastSeconds: 600, falls: true },
]

export function judgeSoak({ series }: SoakRecord): readonly SoakFinding[] {
  return [...series].flatMap(([name, samples]) => {
    const rule = rules.find(({ match }) => match.test(name))
    return rule === undefined ? [] : [findingOf(name, samples, rule)]
  })
}

function findingOf(
  series: string,
  samples: readonly Sample[],
  { unit, tolerance, leastGain, leastGainEarly, leastSeconds = 0, falls, shownOnly }: Rule,
): SoakFinding {
  const turned = falls ? samples.map(({ seconds, value }) => ({ seconds, value: -value })) : samples
  const lasted = (samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0)
  const gain = lasted < earlySeconds ? (leastGainEarly ?? leastGain) : leastGain
  const judged = judgeGrowth(turned, tolerance(median(samples.map(({ value }) => value))), unit, gain)
  const early = judged.verdict === 'grows' && lasted < leastSeconds
  const held = early
    ? {
        verdict: 'too short to tell' as const,
        why: `${judged.why}; in less than ${leastSeconds / 60} min other work on the machine decides`,
      }
    : {}
  const back = falls ? { perHour: -judged.perHour, low: -judged.high, high: -judged.low } : {}
  return { ...judged, ...held, ...back, series, unit, samplesOf: samples, shownOnly: shownOnly ?? null }
}

export function verdictOf(findings: readonly SoakFinding[]): SoakVerdict {
  const counted = findings.filter(({ shownOnly }) => shownOnly === null)
  if (counted.some(({ verdict }) => verdict === 'grows')) return 'leak'
  return counted.length > 0 && counted.every(({ verdict }) => verdict === 'steady') ? 'no leak seen' : 'too short to tell'
}
