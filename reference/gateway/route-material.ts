/** The plan of routes made ready: certificates read, and each pooler there once, whatever number of routes lead to it. */
import { createSecureContext, type SecureContext } from 'node:tls'
import { Addresses, Pooler } from './addresses.ts'
import { ConfigError } from './config-error.ts'
import { readText } from './config-file.ts'
import { addressesOf, planRoutes, type BranchPlan, type RouteConfig, type Upstream } from './route-config.ts'
import { makeRoutes, type RouteMap } from './routes.ts'
import type { UpstreamAddress } from './upstream.ts'

/** Throws a ConfigError for a file that is not there or not what it should be. */
export function readRoutes(config: RouteConfig): RouteMap {
  const plan = planRoutes(config)
  const poolers = new Map<string, Pooler>()
  const once = ({ key, address }: Keyed): Pooler => {
    const pooler = poolers.get(key) ?? new Pooler(address)
    poolers.set(key, pooler)
    return pooler
  }
  const contexts = new Map<string, SecureContext>()
  const whereOf = (branch: BranchPlan) => ({
    database: branch.database,
    addresses: new Addresses(keyedAddresses(branch, contexts).map(once)),
  })
  const table = new Map(
    plan.clusters.map(({ name, branches }) => [name, new Map(branches.map((branch) => [branch.name, whereOf(branch)]))]),
  )
  return makeRoutes(plan, table, new Addresses([...poolers.values()]))
}

interface Keyed {
  /** Equal for what is reached in the same way. */
  readonly key: string
  readonly address: UpstreamAddress
}

function keyedAddresses({ tls, ...upstream }: Upstream, contexts: Map<string, SecureContext>): Keyed[] {
  const verify = typeof tls === 'object' ? tls : null
  return (addressesOf(upstream) ?? []).map((each) => {
    const key = JSON.stringify([each, verify])
    if ('socket' in each) return { key, address: { name: each.socket, at: { path: each.socket }, tls: null } }
    const secured = verify === null ? null : { context: contextOf(verify, contexts), serverName: verify.serverName ?? each.host }
    return { key, address: { name: `${each.host}:${each.port}`, at: each, tls: secured } }
  })
}

type Verify = Exclude<Upstream['tls'], string | undefined>

function contextOf({ ca, cert, key }: Verify, contexts: Map<string, SecureContext>): SecureContext {
  const name = JSON.stringify([ca, cert, key])
  const made = contexts.get(name) ?? makeContext({ ca, cert, key })
  contexts.set(name, made)
  return made
}

function makeContext({ ca, cert, key }: Omit<Verify, 'serverName'>): SecureContext {
  const own = cert === undefined || key === undefined ? {} : { cert: readText(cert), key: readText(key) }
  const authority = readText(ca)
  if (!authority.includes('BEGIN CERTIFICATE')) throw new ConfigError(`${ca}: is no certificate in PEM`)
  try {
    return createSecureContext({ ca: authority, ...own, minVersion: 'TLSv1.2' })
  } catch (cause) {
    throw new ConfigError(
      `${ca}: authority, certificate and key of an upstream do not go together (${cause instanceof Error ? cause.message : 'unknown'})`,
    )
  }
}
