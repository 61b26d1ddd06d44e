/**
 * The keys of one issuer as it publishes them: fetched now and then in the background, kept for a while when they cannot be had, and looked
 * for when a token names one that is not there. Nobody who sends tokens can make it fetch more often than once in a cool-down.
 */
import type { Document } from './fetch-document.ts'
import type { KeySet } from './key-set.ts'
import type { TrustedKey } from './keyring.ts'

export interface KeySourceTerms {
  readonly fetch: (etag: string | undefined) => Promise<Document>
  readonly read: (text: string) => KeySet
  /** From one fetch to the next, in the background. */
  readonly refreshMs: number
  /** From one fetch to the next, whoever wants it and whatever came of the first. */
  readonly cooldownMs: number
  /** So long after it was fetched last a set is not used any more. */
  readonly maxStaleMs: number
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  readonly onFetched: (outcome: Fetched) => void
}

export type Fetched =
  | { readonly outcome: 'changed'; readonly set: KeySet }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'failed'; readonly cause: unknown }

export interface KeySource extends Disposable {
  /** Those that may be used; none when they were never had, or too long ago. */
  readonly keys: readonly TrustedKey[]
  /** Since the set was fetched last; null: never. */
  readonly ageMs: number | null
  /** For a token with an id that is not among the keys: whether it is now. */
  lookFor(id: string): Promise<boolean>
}

const tickMs = 500
/** Ids that were looked for in vain. */
const maxUnknown = 1000
/** Logins that wait for one fetch; those beyond get their answer at once. */
const maxWaiting = 100
/** Fetches that unknown ids may cause at once; one more is allowed after each refresh period. */
const maxCaused = 3

export function makeKeySource(terms: KeySourceTerms): KeySource {
  const { now, refreshMs, cooldownMs, maxStaleMs } = terms
  let kept: readonly TrustedKey[] = []
  let etag: string | undefined
  let fetchedAt: number | null = null
  let triedAt: number | null = null
  let flight: Promise<void> | null = null
  let failed = false
  let waiting = 0
  const unknown = new Map<string, number>()
  const bucket = makeBucket(maxCaused, refreshMs, now)

  /** A clock that was set back makes a time to come of one that is past: so it counts both ways. */
  const since = (at: number) => Math.abs(now() - at)
  const isFresh = () => fetchedAt !== null && since(fetchedAt) < refreshMs
  const isUsable = () => fetchedAt !== null && since(fetchedAt) <= maxStaleMs
  const mayFetch = () => flight === null && (triedAt === null || since(triedAt) >= cooldownMs)
  const has = (id: string) => isUsable() && kept.some((key) => key.id === id)

  async function fetchOnce(): Promise<void> {
    triedAt = now()
    try {
      const document = await terms.fetch(etag)
      if (document.changed) take(terms.read(document.text), document.etag)
      else terms.onFetched({ outcome: 'unchanged' })
      fetchedAt = now()
      failed = false
    } catch (cause) {
      failed = true
      terms.onFetched({ outcome: 'failed', cause })
    } finally {
      flight = null
    }
  }

  function take(set: KeySet, newTag: string | undefined): void {
    kept = set.keys.map((key) => kept.find((old) => isSame(old, key)) ?? key)
    etag = newTag
    unknown.clear()
    terms.onFetched({ outcome: 'changed', set })
  }

  function refresh(): void {
    if (!isFresh() && mayFetch()) flight = fetchOnce()
  }

  /** True when there is a fetch to wait for. */
  function causeFetch(id: string): boolean {
    if (flight !== null) return true
    const lookedFor = unknown.get(id)
    if (lookedFor !== undefined && since(lookedFor) < refreshMs) return false
    if (!mayFetch() || !bucket.take()) return false
    flight = fetchOnce()
    return true
  }

  function remember(id: string): void {
    unknown.delete(id)
    unknown.set(id, now())
    if (unknown.size > maxUnknown) unknown.delete(unknown.keys().next().value!)
  }

  async function lookFor(id: string): Promise<boolean> {
    if (has(id)) return true
    if (waiting >= maxWaiting || !causeFetch(id)) return false
    waiting++
    await flight
    waiting--
    if (has(id)) return true
    // What could not be asked is not known to be unknown.
    if (!failed) remember(id)
    return false
  }

  refresh()
  const timer = setInterval(refresh, tickMs)
  return {
    get keys() {
      return isUsable() ? kept : []
    },
    get ageMs() {
      return fetchedAt === null ? null : since(fetchedAt)
    },
    lookFor,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** The same key stays the same object, so that what was found good by it stays good. */
function isSame(one: TrustedKey, other: TrustedKey): boolean {
  return one.id === other.id && one.algorithm === other.algorithm && one.key.equals(other.key)
}

function makeBucket(size: number, refillMs: number, now: () => number): { take(): boolean } {
  let left = size
  let filledAt = now()
  return {
    take() {
      const refills = Math.floor(Math.abs(now() - filledAt) / refillMs)
      if (refills > 0) filledAt = now()
      left = Math.min(size, left + refills)
      if (left === 0) return false
      left--
      return true
    },
  }
}
