/** What came of some time of load. */

export interface Block {
  /** From the scheduled instant to the end of the answer, ms, in the order in which answers came. */
  readonly times: Float64Array
  readonly scheduled: number
  readonly sent: number
  /** Never answered. */
  readonly dropped: number
  readonly errors: number
  /** The first error's words. */
  readonly trouble: string
  /** How long after its instant each arrival was noticed, ms; empty for a closed loop. */
  readonly lateness: Float64Array
  readonly elapsedMs: number
}

export function rateOf({ times, elapsedMs }: Block): number {
  return (times.length / elapsedMs) * 1000
}
