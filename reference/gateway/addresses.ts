/** The poolers of a route: the least busy healthy one is tried first, another one as long as none has greeted. */
import { Refusal } from './reasons.ts'
import type { UpstreamAddress } from './upstream.ts'

/** Longest time for which one that failed is passed over, and the first such time. */
const maxBanMs = 30_000
const firstBanMs = 1000

/** One pooler, shared by all routes that lead to it. */
export class Pooler {
  readonly address: UpstreamAddress
  /** Sessions that are on it, and logins that are on their way to it. */
  open = 0
  #failures = 0
  #passedOverUntil = 0

  constructor(address: UpstreamAddress) {
    this.address = address
  }

  /** At an instant of the monotonic clock, ms. */
  isUp(now: number): boolean {
    return now >= this.#passedOverUntil
  }

  succeeded(): void {
    this.#failures = 0
    this.#passedOverUntil = 0
  }

  failed(now: number): void {
    this.#passedOverUntil = now + Math.min(maxBanMs, firstBanMs * 2 ** Math.min(this.#failures++, 10))
  }
}

export interface Held<T> {
  readonly pooler: Pooler
  readonly result: T
  /** To be called once, when the session is over. */
  release(): void
}

/** Takes a pooler up to the end of its greeting, or throws a Refusal; must end within so many ms. */
export type Take<T> = (address: UpstreamAddress, timeoutMs: number) => Promise<T>

export class Addresses {
  readonly poolers: readonly Pooler[]
  readonly #now: () => number

  constructor(poolers: readonly Pooler[], now: () => number = () => performance.now()) {
    this.poolers = poolers
    this.#now = now
  }

  /** Tries one after the other within the time; throws what the last one said. */
  async take<T>(timeoutMs: number, take: Take<T>): Promise<Held<T>> {
    const end = this.#now() + timeoutMs
    let last: unknown = new Refusal('upstream_unavailable', { detail: 'no address' })
    for (const [tried, pooler] of this.#inOrder().entries()) {
      const share = (end - this.#now()) / (this.poolers.length - tried)
      if (share <= 0) break
      try {
        return await this.#takeOne(pooler, () => take(pooler.address, share))
      } catch (cause) {
        if (!(cause instanceof Refusal) || !mayTryAnother(cause)) throw cause
        last = cause
      }
    }
    throw last
  }

  /** Those that are passed over come last: one of them may be back, and there is nothing to lose. */
  #inOrder(): Pooler[] {
    const now = this.#now()
    const down = (pooler: Pooler) => Number(!pooler.isUp(now))
    return this.poolers.toSorted((a, b) => down(a) - down(b) || a.open - b.open)
  }

  async #takeOne<T>(pooler: Pooler, take: () => Promise<T>): Promise<Held<T>> {
    pooler.open++
    try {
      const result = await take()
      pooler.succeeded()
      return { pooler, result, release: () => pooler.open-- }
    } catch (cause) {
      pooler.open--
      if (cause instanceof Refusal && speaksOfHealth(cause)) pooler.failed(this.#now())
      throw cause
    }
  }
}

/** What concerns the client alone would be the same everywhere. */
function mayTryAnother({ reason }: Refusal): boolean {
  return reason.startsWith('upstream_')
}

/** One that is full is not ill. */
function speaksOfHealth({ reason, notes }: Refusal): boolean {
  return reason.startsWith('upstream_') && notes.sqlstate !== '53300'
}
