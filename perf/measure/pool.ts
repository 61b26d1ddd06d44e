/** The times of one arm, all rounds together, so that a quantile over any choice of rounds costs little: a bootstrap asks for thousands. */
import { joined } from './joined.ts'

export class Pool {
  readonly #values: Float64Array
  /** Which round each value is of. */
  readonly #rounds: Uint32Array
  readonly #counts: readonly number[]

  constructor(rounds: readonly Float64Array[]) {
    const values = joined(rounds)
    const ofRound = Uint32Array.from(rounds.flatMap((times, round) => Array<number>(times.length).fill(round)))
    const order = Uint32Array.from(values.keys()).sort((one, other) => values[one]! - values[other]!)
    this.#values = Float64Array.from(order, (at) => values[at]!)
    this.#rounds = Uint32Array.from(order, (at) => ofRound[at]!)
    this.#counts = rounds.map((times) => times.length)
  }

  /** Over the rounds in the sample, each as often as it occurs there. */
  quantile(sample: readonly number[], share: number): number {
    const weights = new Uint16Array(this.#counts.length)
    let total = 0
    for (const round of sample) {
      weights[round]!++
      total += this.#counts[round]!
    }
    if (total === 0) return Number.NaN
    return share < 0.5 ? this.#fromBelow(weights, Math.floor(total * share)) : this.#fromAbove(weights, total - Math.floor(total * share))
  }

  /** The value with so many below it. */
  #fromBelow(weights: Uint16Array, below: number): number {
    let passed = 0
    for (let at = 0; at < this.#values.length; at++) {
      passed += weights[this.#rounds[at]!]!
      if (passed > below) return this.#values[at]!
    }
    return this.#values.at(-1) ?? Number.NaN
  }

  /** The value with so many at it and above. */
  #fromAbove(weights: Uint16Array, count: number): number {
    let passed = 0
    for (let at = this.#values.length - 1; at >= 0; at--) {
      passed += weights[this.#rounds[at]!]!
      if (passed >= count) return this.#values[at]!
    }
    return this.#values[0] ?? Number.NaN
  }
}
