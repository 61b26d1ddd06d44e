/** Who failed too often is shut out for a while. */
import { Recent } from './recent.ts'
import { isWithin, Tallies, type MemoryTerms } from './tallies.ts'

export interface BlockTerms {
  /** So many failures within `windowMs` shut out for `blockMs`. */
  readonly count: number
  readonly windowMs: number
  readonly blockMs: number
}

export class Blocks {
  readonly #now: () => number
  readonly #failures: Tallies
  readonly #since: Recent<number>

  constructor(terms: MemoryTerms) {
    this.#now = terms.now
    this.#failures = new Tallies(terms)
    this.#since = new Recent(terms.capacity)
  }

  /** Counts a failure; true when it is the one that shuts the key out. Those that arrive later, begun before, prolong nothing. */
  fail(key: string, terms: BlockTerms): boolean {
    if (this.has(key, terms) || this.#failures.add(key, terms.windowMs) < terms.count) return false
    this.#failures.forget(key)
    this.#since.set(key, this.#now())
    return true
  }

  /** Whether it is shut out now. */
  has(key: string, { blockMs }: Pick<BlockTerms, 'blockMs'>): boolean {
    const since = this.#since.get(key)
    if (since === undefined) return false
    if (isWithin(since, this.#now(), blockMs)) return true
    this.#since.delete(key)
    return false
  }

  get failing(): number {
    return this.#failures.size
  }

  get blocked(): number {
    return this.#since.size
  }

  resize(capacity: number): void {
    this.#failures.resize(capacity)
    this.#since.resize(capacity)
  }
}
