/** Counts events by key in windows of time, within bounded memory and by a clock that is given. */
import { Recent } from './recent.ts'

/** A window is set up by its first event and is over `windowMs` later, whatever comes in between. */
interface Tally {
  readonly since: number
  count: number
}

export interface MemoryTerms {
  /** Keys remembered at most. */
  readonly capacity: number
  readonly now: () => number
}

export class Tallies {
  readonly #now: () => number
  readonly #tallies: Recent<Tally>

  constructor({ capacity, now }: MemoryTerms) {
    this.#now = now
    this.#tallies = new Recent(capacity)
  }

  get size(): number {
    return this.#tallies.size
  }

  resize(capacity: number): void {
    this.#tallies.resize(capacity)
  }

  /** Counts one event; how many it makes in this window. */
  add(key: string, windowMs: number): number {
    const now = this.#now()
    const running = this.#tallies.get(key)
    const tally = running !== undefined && isWithin(running.since, now, windowMs) ? running : { since: now, count: 0 }
    tally.count++
    this.#tallies.set(key, tally)
    return tally.count
  }

  forget(key: string): void {
    this.#tallies.delete(key)
  }
}

/** A clock that was set back ends a span too: else it would last as long as the clock was wrong. */
export function isWithin(since: number, now: number, spanMs: number): boolean {
  return now >= since && now - since < spanMs
}
