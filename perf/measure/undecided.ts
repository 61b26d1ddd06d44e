/** Thrown where a measurement does not decide: neither an assertion that failed nor a fault of the harness. */
import type { Judgement } from '../result.ts'

type Unknown = Extract<Judgement, { verdict: 'unknown' }>

export class Undecided extends Error {
  override readonly name = 'Undecided'
  readonly reason: Unknown['reason']

  constructor(reason: Unknown['reason'], why: string) {
    super(why)
    this.reason = reason
  }
}
