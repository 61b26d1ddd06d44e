/** Which cluster and branch a session gets: host, hints and token must agree, and whoever names none gets the usual one. */
import type { Addresses, Pooler } from './addresses.ts'
import { readHost, readPlace, type Place } from './host-name.ts'
import { Refusal, type Reason } from './reasons.ts'
import { anyBranch, type RoutePlan } from './route-config.ts'
import { describe, textOf, type VerifiedToken } from './verify.ts'

/** What a client said about where it wants to go; null for what it did not say. */
export interface Hints {
  /** Host name of this connection's own TLS handshake. */
  readonly host: string | null
  /** From the start-up parameter `options`: `-c route=cluster.branch`. */
  readonly options: string | null
  /** From the database's name: `name@cluster.branch`. */
  readonly database: string | null
}

export interface Route extends Place {
  /** What the pooler calls the database. */
  readonly database: string
  readonly addresses: Addresses
}

export interface RouteMap {
  readonly plan: RoutePlan
  /** Throws a Refusal: whether a place is unknown or another one's looks the same from outside. */
  choose(token: VerifiedToken, hints: Hints): Route
  /** Every pooler once. */
  readonly everywhere: Addresses
  /** Those of routes that have several. */
  readonly choices: ReadonlySet<Pooler>
}

type Where = Omit<Route, keyof Place>
/** Cluster → branch → where. */
export type RouteTable = ReadonlyMap<string, ReadonlyMap<string, Where>>

export function makeRoutes(plan: RoutePlan, table: RouteTable, everywhere: Addresses): RouteMap {
  return {
    plan,
    everywhere,
    choices: choicesIn(table),
    choose(token, hints) {
      const deny = (reason: Reason, detail: string) => new Refusal(reason, { detail, ...describe(token.claims) })
      const place = agree(placesOf(hints, plan, deny), deny)
      const limits = { cluster: textOf(token.claims, 'cluster_id'), branch: textOf(token.claims, 'branch_id') }
      const cluster = decide('cluster', place, limits, plan, deny)
      const branch = decide('branch', place, limits, plan, deny)
      const branches = table.get(cluster)
      const where = branches?.get(branch) ?? branches?.get(anyBranch)
      if (where === undefined) throw deny('unknown_route', 'there is no such cluster or branch')
      return { cluster, branch, ...where }
    },
  }
}

function choicesIn(table: RouteTable): ReadonlySet<Pooler> {
  const groups = [...table.values()].flatMap((branches) => [...branches.values()].map(({ addresses }) => addresses.poolers))
  return new Set(groups.filter(({ length }) => length > 1).flat())
}

type Deny = (reason: Reason, detail: string) => Refusal

/** What host and hints say, those that say anything. */
function placesOf({ host, options, database }: Hints, plan: RoutePlan, deny: Deny): Place[] {
  const named = readHost(host, plan)
  if (named === 'foreign') throw deny('unknown_route', 'the host name is not one of ours')
  const hinted = [options, database].flatMap((hint) => (hint === null ? [] : [readPlace(hint.toLowerCase())]))
  if (hinted.includes(null)) throw deny('unknown_route', 'a hint is no cluster.branch')
  return [named, ...hinted].filter((place) => place !== null)
}

function agree([first, ...others]: readonly Place[], deny: Deny): Place | null {
  if (first === undefined) return null
  const same = others.every(({ cluster, branch }) => cluster === first.cluster && branch === first.branch)
  if (!same) throw deny('route_mismatch', 'host name and hints name different places')
  return first
}

/** The claim limits, the host chooses: a claim alone decides only where that is allowed, and must be met in any case. */
function decide(
  part: keyof Place,
  place: Place | null,
  limits: Readonly<Record<keyof Place, string | undefined>>,
  { default: usual, fallbacks }: RoutePlan,
  deny: Deny,
): string {
  const limit = limits[part]
  const chosen = place?.[part] ?? (limit !== undefined && fallbacks.includes('claim') ? limit : usual[part])
  if (chosen === null) throw deny('unknown_route', `nothing says which ${part}`)
  if (limit !== undefined && limit !== chosen) throw deny('route_mismatch', `the token is for another ${part}`)
  return chosen
}
