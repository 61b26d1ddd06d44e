/** From a recording to a figure with its interval: a difference or ratio of two arms, or the level of one. */
import type { Comparison } from '../result.ts'
import { Pool } from './pool.ts'
import type { Recording } from './recording.ts'
import { bootstrap, mean, meanRatio, type Estimate } from './statistics.ts'

/** What is looked at: a quantile of the times in ms, or how much is answered per second. */
export type Figure = { readonly kind: 'quantile'; readonly share: number } | { readonly kind: 'rate' }

export interface Look {
  readonly figure: Figure
  readonly comparison: Comparison
  readonly subject: string
  /** The arm it is compared with; of no account for a level. */
  readonly base: string
}

export function estimate(recording: Recording, look: Look, level: number): Estimate {
  return look.figure.kind === 'rate' ? estimateRates(recording, look, level) : estimateTimes(recording, look, look.figure.share, level)
}

function estimateTimes(recording: Recording, { comparison, subject, base }: Look, share: number, level: number): Estimate {
  const [ours, theirs] = [new Pool(recording.timesOf(subject)), new Pool(comparison === 'level' ? [] : recording.timesOf(base))]
  const rounds = recording.rounds.map((_, round) => round)
  return bootstrap(rounds, (sample) => combined(comparison, ours.quantile(sample, share), () => theirs.quantile(sample, share)), { level })
}

function estimateRates(recording: Recording, { comparison, subject, base }: Look, level: number): Estimate {
  const [ours, theirs] = [recording.ratesOf(subject), recording.ratesOf(comparison === 'level' ? subject : base)]
  const pairs = ours.map((rate, round) => [rate, theirs[round]!] as const)
  const statistic = (sample: typeof pairs) =>
    comparison === 'ratio'
      ? meanRatio(sample)
      : mean(sample.map(([rate]) => rate)) - (comparison === 'level' ? 0 : mean(sample.map(([, rate]) => rate)))
  return bootstrap(pairs, statistic as (sample: readonly (readonly [number, number])[]) => number, { level })
}

function combined(comparison: Comparison, ours: number, theirs: () => number): number {
  if (comparison === 'level') return ours
  return comparison === 'difference' ? ours - theirs() : ours / theirs()
}
