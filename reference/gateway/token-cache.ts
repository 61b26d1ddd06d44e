/** Remembers tokens that were found good, by their hash, so that the same token is verified once. */
import { hash } from 'node:crypto'

export interface CacheTerms<T = never> {
  /** No more than so many; the one used longest ago goes first. 0 remembers nothing. */
  readonly entries: number
  readonly ttlSeconds: number
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** Asked before an entry is served, and when there is time; left out: always. */
  readonly stillGood?: (value: T) => boolean
  readonly onHit: () => void
  readonly onMiss: () => void
}

export interface TokenCache<T> {
  /** What was found out about this token, or what `verify` finds now. A refusal is not remembered. */
  get(token: string, verify: () => Promise<T>): Promise<T>
  readonly size: number
  /** Goes through some more of the entries and removes those that will not be served again. Call it now and then. */
  readonly sweep?: () => void
}

interface Kept<T> {
  readonly value: T
  readonly sinceMs: number
  readonly untilMs: number
}

/** So many are looked at in one go: a large cache is swept in many small steps. */
const sweepEntries = 10_000

/** An entry never outlives its token nor the time to live; equal tokens that come at the same time are verified once. */
export function makeTokenCache<T extends { readonly endMs: number }>(terms: CacheTerms<T>): TokenCache<T> {
  const kept = new Map<string, Kept<T>>()
  const flights = new Map<string, Promise<Kept<T>>>()

  /** A clock that was set back makes an entry come from the future: it proves nothing then. */
  const isFresh = ({ value, sinceMs, untilMs }: Kept<T>) =>
    sinceMs <= terms.now() && terms.now() < untilMs && (terms.stillGood?.(value) ?? true)

  async function take(key: string, verify: () => Promise<T>): Promise<Kept<T>> {
    const sinceMs = terms.now()
    const value = await verify()
    const entry = { value, sinceMs, untilMs: Math.min(value.endMs, sinceMs + terms.ttlSeconds * 1000) }
    kept.set(key, entry)
    if (kept.size > terms.entries) kept.delete(kept.keys().next().value ?? key)
    return entry
  }

  function takeOff(key: string, verify: () => Promise<T>): Promise<Kept<T>> {
    const flight = take(key, verify).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  async function get(token: string, verify: () => Promise<T>): Promise<T> {
    const key = hash('sha256', token, 'base64')
    const entry = kept.get(key)
    kept.delete(key)
    if (entry === undefined || !isFresh(entry)) return getAnew(key, token, verify)
    kept.set(key, entry)
    terms.onHit()
    return entry.value
  }

  async function getAnew(key: string, token: string, verify: () => Promise<T>): Promise<T> {
    const flight = flights.get(key)
    if (flight === undefined) {
      terms.onMiss()
      return (await takeOff(key, verify)).value
    }
    const shared = await flight
    if (!isFresh(shared)) return get(token, verify)
    terms.onHit()
    return shared.value
  }

  let round = kept.entries()
  function sweep(): void {
    for (let seen = 0; seen < sweepEntries; seen++) {
      const { done, value: [key, entry] = [] } = round.next()
      if (done === true) return void (round = kept.entries())
      if (entry !== undefined && !isFresh(entry)) kept.delete(key!)
    }
  }

  return {
    get,
    sweep,
    get size() {
      return kept.size
    },
  }
}
