/** What one measurement says: its figures block by block, the interval they leave, the conditions they hold under, and the verdict. */
import type { Budget } from '../spec/entry.ts'

/** How two arms are compared, or what of one arm is looked at. */
export type Comparison = 'difference' | 'ratio' | 'level'

/** One way through which the load ran, all its blocks together. */
export interface ArmFigures {
  /** `direct`, `system`, `direct again` (the control), `pooler` … */
  readonly name: string
  readonly operations: number
  readonly errors: number
  /** HDR histogram of latencies from the scheduled instant, in microseconds, compressed base64; null where no times were taken. */
  readonly histogram: string | null
  /** The same by the other clock, from the moment of sending: what it hides is what a closed loop omits. */
  readonly sentHistogram?: string | null
  /** Share → ms: `0.5`, `0.9`, `0.99`, `0.999`; empty where no times were taken. */
  readonly percentiles: Readonly<Record<string, number>>
}

/** One block of one arm, in the order in which they ran. */
export interface BlockFigures {
  readonly round: number
  readonly arm: string
  readonly operations: number
  /** The metric as this block alone shows it, in the result's unit. */
  readonly figure: number
}

export interface Interval {
  readonly low: number
  readonly high: number
  /** 0.95: held over all looks together, however early the measurement stopped. */
  readonly level: number
}

/** How well the load was driven; a generator that is late measures itself. */
export interface GeneratorFigures {
  readonly kind: 'node' | 'pgbench' | 'k6'
  readonly scheduled: number
  readonly sent: number
  /** Scheduled and never answered. */
  readonly dropped: number
  readonly latenessP50Ms: number
  readonly latenessP99Ms: number
  /** At the share of times that is looked at. */
  readonly latenessAtShareMs: number
  readonly latenessBudgetMs: number
}

export interface Conditions {
  /** In words: `1500 simple queries/s, open loop, 8 connections, 14 rounds of 250 ms`. */
  readonly load: string
  readonly topology: string
  readonly pooler: string
  readonly profile: string
  readonly seed: string
  /** What else the machine did meanwhile. */
  readonly machine: MachineFigures
}

/** A reference to the machine, and how busy it was. */
export interface MachineFigures {
  /** Digest of what the machine is: figures of two machines are never compared. */
  readonly id: string
  readonly cores: number
  readonly model: string
  /** Load average of the last minute when it began. */
  readonly loadAtStart: number
  /** Shares of the processors' time during the measurement, 0 to 1; null where the system does not tell. */
  readonly stealShare: number | null
  /** Busy with what is no part of the measurement. */
  readonly foreignShare: number | null
}

export type Judgement =
  | { readonly verdict: 'proved'; readonly why: string }
  | { readonly verdict: 'refuted'; readonly why: string }
  | {
      readonly verdict: 'unknown'
      readonly reason: 'inconclusive' | 'machine-too-small' | 'load-not-reached'
      readonly why: string
      /** So many rounds would decide, if the spread stays as it is; null: none would, or it is not a question of more. */
      readonly roundsToDecide: number | null
    }

export interface MeasuredResult {
  readonly version: 1
  readonly id: string
  readonly clause: string
  readonly metric: string
  readonly unit: string
  readonly comparison: Comparison
  readonly budget: Pick<Budget, 'op' | 'value' | 'unit' | 'percentile'>
  readonly at: string
  readonly rounds: number
  /** How often it was looked at whether more rounds are needed. */
  readonly looks: number
  readonly arms: readonly ArmFigures[]
  readonly blocks: readonly BlockFigures[]
  readonly effect: number
  readonly interval: Interval
  /** What two equal arms seemed to differ by at most, in the same run: nothing smaller can be told here. */
  readonly smallestVisibleEffect: number | null
  readonly generator: GeneratorFigures | null
  readonly conditions: Conditions
  readonly verdict: Judgement
}

/** Under this name a result lies among the attachments of its entry. */
export function resultFile({ clause, metric }: Pick<MeasuredResult, 'clause' | 'metric'>): string {
  return `${clause}.${metric}.measured.json`
}
