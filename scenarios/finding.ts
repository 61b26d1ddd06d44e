/** What a check has to say: a promise that was broken, with the operations that show it. */
import type { History } from './history/record.ts'

export interface Finding {
  readonly check: string
  /** What kind of anomaly, stable over runs: `lost-write`. */
  readonly kind: string
  /** In one sentence, with the figures. */
  readonly text: string
  /** Indices of the operations that show it. */
  readonly operations: readonly number[]
}

export interface Check {
  readonly name: string
  /** The promise, in a sentence. */
  readonly promise: string
  /** Pure: the same history gives the same findings, in the same order. */
  judge(history: History): readonly Finding[]
}

/** A finding of a check without its name. */
export type Found = Omit<Finding, 'check'>

/** A check from its name and its rule. */
export function checkOf(name: string, promise: string, rule: (history: History) => readonly Found[]): Check {
  return { name, promise, judge: (history) => rule(history).map((found) => ({ check: name, ...found })) }
}
