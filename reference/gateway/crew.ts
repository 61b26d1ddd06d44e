/** The worker processes that share one port, as one of them sees it: a number of its own, and words to the others. */

import type { Gate } from './access/gate.ts'

export interface Crew {
  /** From 0 on; a process that takes the place of another has its number. */
  readonly number: number
  readonly size: number
  /** The one that all of them share; null: this process counts for itself. */
  readonly gate: Gate | null
  /** To one worker, or to all but this one: text of 64 KiB at most, once, with no receipt. */
  tell(topic: string, text: string, to?: number): void
  hear(topic: string, listener: (text: string, from: number) => void): Disposable
}

/** One process has nobody to talk to. */
export const alone: Crew = { number: 0, size: 1, gate: null, tell: () => {}, hear: () => ({ [Symbol.dispose]: () => {} }) }
