/** Places of tenants that all gateways on one store count together: a login takes one there, and gives it back when its session is over. */
import { createHash } from 'node:crypto'
import type { Soon } from '../access/gate.ts'
import { Headcount } from '../access/headcount.ts'
import { Refusal } from '../reasons.ts'
import type { Ask, Line } from './line.ts'

export interface Leases {
  /** Disposing gives the place back. Throws a Refusal when there is none, or when the store does not say. */
  take(tenant: string, places: number): Soon<Disposable>
}

/** Where each gateway counts for itself. */
export const noLeases: Leases = { take: () => ({ [Symbol.dispose]: () => {} }) }

export interface LeaseTerms {
  readonly open: (before: string | null, held: ReadonlyMap<string, number>, signal: AbortSignal) => Promise<Line>
  readonly leaseMs: number
  readonly timeoutMs: number
  readonly whenAway: 'refuse' | 'local'
  readonly waiting: number
  /** Told of each change. */
  readonly onState: (state: 'there' | 'away', problem: string | null) => void
  readonly onSettled: (tookMs: number) => void
}

interface Waiter {
  readonly tenant: string
  readonly places: number
  /** The place, that there is none, or null when the store did not say. */
  readonly answer: (given: Disposable | 'none' | null) => void
}

const tenantsAtOnce = 500
const firstPauseMs = 50
const longestPauseMs = 2000

/** Says in one breath what is held, given back and wanted: an answer that was lost does no harm, since the next word says it all anew. */
export class StoredLeases implements Leases, AsyncDisposable {
  readonly #terms: LeaseTerms
  readonly #held = new Headcount()
  /** What the store has been told that is held. */
  #told = new Map<string, number>()
  readonly #waiters = new Set<Waiter>()
  readonly #changed = new Set<string>()
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #state: 'starting' | 'there' | 'away' = 'starting'
  #wake = (): void => {}

  constructor(terms: LeaseTerms) {
    this.#terms = terms
    this.#running = this.#keepUp()
  }

  async take(tenant: string, places: number): Promise<Disposable> {
    const key = keyOf(tenant)
    const given = this.#state === 'away' ? null : await this.#ask(key, places)
    if (given === 'none') throw new Refusal('too_many_for_tenant')
    if (given !== null) return given
    if (this.#terms.whenAway === 'refuse') throw new Refusal('tenant_places_unknown')
    return this.#hold(key)
  }

  /** Tenants of whom something is remembered. */
  get size(): number {
    return Math.max(this.#held.size, this.#told.size)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#wake()
    await this.#running
  }

  #hold(key: string): Disposable {
    const place = this.#held.enter(key)
    this.#notice(key)
    return {
      [Symbol.dispose]: () => {
        place[Symbol.dispose]()
        this.#notice(key)
      },
    }
  }

  #notice(key: string): void {
    if (this.#state !== 'there') return
    if (this.#held.of(key) === (this.#told.get(key) ?? 0)) return void this.#changed.delete(key)
    this.#changed.add(key)
    this.#wake()
  }

  #ask(tenant: string, places: number): Promise<Disposable | 'none' | null> {
    if (this.#waiters.size >= this.#terms.waiting) return Promise.resolve(null)
    const { promise, resolve } = Promise.withResolvers<Disposable | 'none' | null>()
    const waiter: Waiter = {
      tenant,
      places,
      answer: (given) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        resolve(given)
      },
    }
    const timer = setTimeout(() => waiter.answer(null), this.#terms.timeoutMs)
    this.#waiters.add(waiter)
    this.#wake()
    return promise
  }

  async #keepUp(): Promise<void> {
    let before: string | null = null
    let pauseMs = firstPauseMs
    while (!this.#closing.signal.aborted) {
      try {
        using line = await this.#terms.open(before, this.#heldNow(), this.#closing.signal)
        before = line.member
        pauseMs = firstPauseMs
        this.#turn('there', null)
        await this.#serve(line)
        await line.resign()
      } catch (cause) {
        this.#turn('away', problemOf(cause))
        for (const waiter of [...this.#waiters]) waiter.answer(null)
        await this.#pause(pauseMs)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    }
    for (const waiter of [...this.#waiters]) waiter.answer(null)
  }

  #heldNow(): ReadonlyMap<string, number> {
    this.#told = new Map(this.#held.counts())
    this.#changed.clear()
    return this.#told
  }

  #turn(state: 'there' | 'away', problem: string | null): void {
    if (this.#state === state) return
    this.#state = state
    // What changed while the line was being opened.
    if (state === 'there') for (const key of new Set([...this.#told.keys(), ...this.#held.counts().keys()])) this.#notice(key)
    this.#terms.onState(state, problem)
  }

  /** Returns when it is closing; throws when the line is of no use any more. */
  async #serve(line: Line): Promise<void> {
    let renewAtMs = performance.now() + this.#terms.leaseMs / 3
    while (!this.#closing.signal.aborted) {
      line.broken.throwIfAborted()
      if (performance.now() >= renewAtMs) {
        renewAtMs = performance.now() + this.#terms.leaseMs / 3
        await line.renew()
      } else if (this.#waiters.size > 0 || this.#changed.size > 0) await this.#settle(line)
      else await this.#pause(renewAtMs - performance.now(), line.broken)
    }
  }

  async #settle(line: Line): Promise<void> {
    const waiters = Map.groupBy(this.#waiters, ({ tenant }) => tenant)
    const tenants = [...new Set([...waiters.keys(), ...this.#changed])].slice(0, tenantsAtOnce)
    const asks = tenants.map((tenant) => this.#askFor(tenant, waiters.get(tenant) ?? []))
    for (const tenant of tenants) this.#changed.delete(tenant)
    const beganMs = performance.now()
    const given = await line.settle(asks)
    this.#terms.onSettled(performance.now() - beganMs)
    for (const [at, { tenant, held }] of asks.entries()) this.#pass(tenant, held, given[at] ?? 0, waiters.get(tenant) ?? [])
  }

  /** A limit that differs is one that is being changed: the lower one counts. */
  #askFor(tenant: string, waiters: readonly Waiter[]): Ask {
    const places = waiters.reduce((lowest, each) => Math.min(lowest, each.places), 2_147_483_647)
    return { tenant, held: this.#held.of(tenant), wanted: waiters.length, places }
  }

  /** First come, first served; one who waits no more leaves a place that the next word gives back. */
  #pass(tenant: string, held: number, given: number, waiters: readonly Waiter[]): void {
    if (held + given > 0) this.#told.set(tenant, held + given)
    else this.#told.delete(tenant)
    for (const [at, waiter] of waiters.entries()) if (this.#waiters.has(waiter)) waiter.answer(at < given ? this.#hold(tenant) : 'none')
    this.#notice(tenant)
  }

  #pause(pauseMs: number, broken?: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        broken?.removeEventListener('abort', done)
        this.#wake = () => {}
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, pauseMs))
      broken?.addEventListener('abort', done)
      this.#wake = broken === undefined ? () => this.#closing.signal.aborted && done() : done
    })
  }
}

/** As an operator reads it in the store, unless it is not fit to be shown there. */
export function keyOf(tenant: string): string {
  return /^(?!sha256:)[\x20-\x7e]{0,128}$/.test(tenant) ? tenant : `sha256:${createHash('sha256').update(tenant).digest('hex')}`
}

/** No text of the store's: it may quote what it was asked. */
function problemOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown'
  const { code } = cause as NodeJS.ErrnoException
  return code === undefined ? cause.message.slice(0, 200) : `${cause.name} ${code}`
}
