/** Those who wait for clusters to wake: only so many, only so many of one tenant, and tenants take turns when they may go on. */
import { Refusal } from '../reasons.ts'

export interface QueueTerms {
  readonly total: number
  readonly perTenant: number
  readonly concurrent: number
}

export interface Seat extends Disposable {
  /** Rejects with a Refusal when it must make room for a tenant that has fewer. */
  readonly evicted: Promise<never>
  /** Resolves when it may go on; disposing of the turn lets the next one go. */
  turn(): Promise<Disposable>
}

interface Waiter {
  readonly tenant: string
  readonly evict: (cause: Refusal) => void
  /** Set while it waits for its turn. */
  go: (() => void) | null
}

export class FairQueue {
  readonly #terms: QueueTerms
  /** Tenant → its waiters, the oldest first; the tenant whose turn it is stands first. */
  readonly #tenants = new Map<string, Set<Waiter>>()
  #seated = 0
  #going = 0

  constructor(terms: QueueTerms) {
    this.#terms = terms
  }

  get size(): number {
    return this.#seated
  }

  /** Throws a Refusal when there is no place. */
  enter(tenant: string): Seat {
    const theirs = this.#tenants.get(tenant)?.size ?? 0
    if (theirs >= this.#terms.perTenant) throw full('this tenant has as many waiting as it may have')
    if (this.#seated >= this.#terms.total) this.#makeRoom(theirs)
    const evicted = Promise.withResolvers<never>()
    evicted.promise.catch(() => {})
    const waiter: Waiter = { tenant, evict: evicted.reject, go: null }
    this.#add(waiter)
    return {
      evicted: evicted.promise,
      turn: () => this.#turn(waiter),
      [Symbol.dispose]: () => this.#remove(waiter),
    }
  }

  /** The newest of the tenant that has the most goes, if that one is better off by more than the place in question. */
  #makeRoom(theirs: number): void {
    const most = [...this.#tenants.values()].reduce((a, b) => (b.size > a.size ? b : a), new Set<Waiter>())
    const newest = [...most].at(-1)
    if (newest === undefined || most.size <= theirs + 1) throw full('as many wait as may wait')
    newest.evict(full('made room for another tenant'))
    this.#remove(newest)
  }

  #add(waiter: Waiter): void {
    const theirs = this.#tenants.get(waiter.tenant) ?? new Set()
    this.#tenants.set(waiter.tenant, theirs.add(waiter))
    this.#seated++
  }

  #remove(waiter: Waiter): void {
    const theirs = this.#tenants.get(waiter.tenant)
    if (theirs?.delete(waiter) !== true) return
    this.#seated--
    if (theirs.size === 0) this.#tenants.delete(waiter.tenant)
  }

  #turn(waiter: Waiter): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<Disposable>()
    waiter.go = () => {
      waiter.go = null
      this.#going++
      let over = false
      const end = () => {
        if (over) return
        over = true
        this.#going--
        this.#next()
      }
      resolve({ [Symbol.dispose]: end })
    }
    this.#next()
    return promise
  }

  #next(): void {
    while (this.#going < this.#terms.concurrent) {
      const waiter = this.#whoseTurn()
      if (waiter === null) return
      waiter.go?.()
    }
  }

  #whoseTurn(): Waiter | null {
    for (const [tenant, theirs] of this.#tenants) {
      const waiter = [...theirs].find(({ go }) => go !== null)
      if (waiter === undefined) continue
      this.#tenants.delete(tenant)
      this.#tenants.set(tenant, theirs)
      return waiter
    }
    return null
  }
}

function full(detail: string): Refusal {
  return new Refusal('upstream_wake_full', { detail })
}
