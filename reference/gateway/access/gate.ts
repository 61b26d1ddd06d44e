/** Who may knock, how often, and how many may be here: every connection passes it, and is counted until it is gone. */
import { Refusal, type Reason, type RefusalNotes } from '../reasons.ts'
import type { Leases } from '../leases/leases.ts'
import type { Source } from './address.ts'
import type { Books } from './books.ts'
import type { Headcount } from './headcount.ts'
import type { GateLimits } from './limits-config.ts'
import { networksOf, type Networks } from './networks.ts'

export interface GateTerms {
  readonly limits: GateLimits
  /** Cancel requests of a network. */
  readonly cancels: { readonly count: number; readonly windowMs: number }
  /** Networks that may knock at all; left out: any. */
  readonly allow: readonly string[] | undefined
  readonly books: Books
  /** Where gateways count tenants together. */
  readonly leases: Leases
  /** Told once when an address is shut out. */
  readonly onBlocked: (source: Source) => void
}

/** At once where the counts are here, later where another process has them. */
export type Soon<T> = T | Promise<T>

/** A connection that was let near; disposing of it takes it out of every count. */
export interface Guest extends Disposable {
  readonly source: Source
  /** Throws what there is to say against it, now that it can be told: before it is asked for a token. */
  welcome(): Soon<void>
  /** Counts a TLS handshake until it is over. Throws when there are too many. */
  beginHandshake(): Soon<Disposable>
  /** Counts a cancel request against its network; one that is not allowed is not looked at. */
  askToCancel(): Soon<{ readonly allowed: boolean; readonly recorded: boolean }>
  /** It is being shown out, and is a stranger again; `failure` when its token was not good. */
  refused(failure: boolean): void
  /** Its token is good: it is a stranger no more, and takes one of its tenant's places. Throws when there is none. */
  seat(tenant: string, places: number): Soon<void>
}

export interface Gate {
  /** Throws a Refusal without words for those who are not worth a handshake. */
  arrive(source: Source): Soon<Guest>
  /** Counts a proxy's connection until it has said for whom it is. */
  awaitHeader(proxy: Source): Soon<Disposable>
}

/** One whose counts are in this process. */
export interface LocalGate extends Gate {
  arrive(source: Source): LocalGuest
  awaitHeader(proxy: Source): Disposable
}

export interface LocalGuest extends Guest {
  /** Whether `welcome` will throw. */
  readonly objection: boolean
  welcome(): void
  beginHandshake(): Disposable
  askToCancel(): { readonly allowed: boolean; readonly recorded: boolean }
}

/** Stands for a connection before it has arrived; it gets nowhere. */
export const nobody: Guest = {
  source: { text: 'nowhere', family: 'ipv4', subscriber: 'nowhere', network: 'nowhere' },
  welcome: notHere,
  beginHandshake: notHere,
  askToCancel: notHere,
  refused: () => {},
  seat: notHere,
  [Symbol.dispose]: () => {},
}

function notHere(): never {
  throw new Refusal('internal_error', { detail: 'the connection has not arrived' })
}

/** Turning away must not cost what it saves: so many records of it are written, and no address has a second one in its window. */
const notesPerSecond = 20

export function makeGate(terms: GateTerms): LocalGate {
  const { limits, allow, books } = terms
  const { perAddress } = limits
  const [allowed, exempt] = [allow === undefined ? null : networksOf(allow), networksOf(perAddress.exempt)]
  return {
    awaitHeader(proxy) {
      if (books.strangers.all >= limits.unauthenticated) throw turnedAway('too_many_strangers', proxy, terms)
      return books.strangers.enter(`proxy ${proxy.text}`)
    },
    arrive(source) {
      const free = exempt.has(source)
      const knocks = free ? 0 : books.connects.add(source.subscriber, perAddress.connects.windowMs)
      const worthless = findWorthless(source, { free, knocks, allowed }, terms)
      if (worthless !== null) throw turnedAway(worthless, source, terms)
      return receive(source, free, findObjection(source, { free, knocks, allowed }, terms), terms)
    },
  }
}

interface Knock {
  /** Not limited by address. */
  readonly free: boolean
  readonly knocks: number
  readonly allowed: Networks | null
}

/** Why nothing more is spent on it. */
function findWorthless(source: Source, { free, knocks, allowed }: Knock, { limits, books }: GateTerms): Reason | null {
  const { perAddress } = limits
  if (allowed !== null && !allowed.has(source)) return 'address_not_allowed'
  if (knocks > 2 * perAddress.connects.count) return 'too_many_connects'
  if (!free && books.strangers.of(source.subscriber) >= perAddress.unauthenticated) return 'too_many_strangers'
  return books.strangers.all >= limits.unauthenticated ? 'too_many_strangers' : null
}

/** What it will be told, in the order of what matters to an operator. */
function findObjection({ subscriber }: Source, { free, knocks }: Knock, { limits, books }: GateTerms): Reason | null {
  if (!free && books.blocks.has(subscriber, limits.perAddress.failures)) return 'too_many_failures'
  if (knocks > limits.perAddress.connects.count) return 'too_many_connects'
  return books.clients.all >= limits.clients ? 'too_many_clients' : null
}

function turnedAway(reason: Reason, { subscriber }: Source, { books, limits }: GateTerms): Refusal {
  books.limited(reason)
  const recorded = books.noted.add(subscriber, limits.perAddress.connects.windowMs) === 1 && books.notes.add('', 1000) <= notesPerSecond
  return new Refusal(reason, { silent: true, unrecorded: !recorded })
}

function receive(
  source: Source,
  free: boolean,
  against: Reason | null,
  { limits, cancels, books, leases, onBlocked }: GateTerms,
): LocalGuest {
  const { perAddress } = limits
  const key = source.subscriber
  let place = books.strangers.enter(key)
  let lease: Disposable | null = null
  let gone = false
  const move = (to: Headcount, name: string): void => {
    leave()
    place = to.enter(name)
  }
  const leave = (): void => {
    place[Symbol.dispose]()
    lease?.[Symbol.dispose]()
    lease = null
  }
  const limited = (reason: Reason, notes?: RefusalNotes): Refusal => {
    books.limited(reason)
    return new Refusal(reason, notes)
  }
  const keep = (taken: Disposable, mine: Disposable): void => {
    // It may have left meanwhile.
    if (gone || place !== mine) taken[Symbol.dispose]()
    else lease = taken
  }
  return {
    source,
    objection: against !== null,
    welcome() {
      if (against !== null) throw limited(against)
    },
    beginHandshake() {
      if (!free && books.handshakes.of(key) >= perAddress.handshakes) throw limited('too_many_handshakes', { silent: true })
      return books.handshakes.enter(key)
    },
    askToCancel() {
      const asked = free ? 0 : books.cancels.add(source.network, cancels.windowMs)
      return { allowed: asked <= cancels.count, recorded: asked === cancels.count + 1 }
    },
    refused(failure) {
      move(books.strangers, key)
      if (!failure || free || !books.blocks.fail(key, perAddress.failures)) return
      books.blocked()
      onBlocked(source)
    },
    seat(tenant, places) {
      if (books.clients.all >= limits.clients) throw limited('too_many_clients')
      if (books.clients.of(tenant) >= places) throw limited('too_many_for_tenant')
      move(books.clients, tenant)
      const mine = place
      const taken = leases.take(tenant, places)
      if (taken instanceof Promise) return taken.then((given) => keep(given, mine))
      keep(taken, mine)
    },
    [Symbol.dispose]() {
      gone = true
      leave()
    },
  }
}
