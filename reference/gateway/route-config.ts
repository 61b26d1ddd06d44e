/** Where sessions may go, as it is configured: one upstream, or clusters with branches; both become the same plan. */
import { z } from 'zod'
import { isSuffix, label } from './host-name.ts'
import { isLoopback } from './loopback.ts'

const text = z.string().min(1)
const port = z.int().min(1).max(65_535)
const slug = z.string().regex(label, 'is a label of a host name: small letters, digits and - within, 63 at most')

const tls = z.strictObject({
  /** Authority that signed the pooler's certificate (PEM). */
  ca: text,
  /** The name its certificate must be for; left out: the host it is reached by. */
  serverName: text.optional(),
  /** Our own certificate, for a pooler that asks for one. */
  cert: text.optional(),
  key: text.optional(),
})

const address = z.union([z.strictObject({ host: text, port }), z.strictObject({ socket: text })], {
  error: 'is either host and port, or socket',
})

const upstreamShape = {
  host: text.optional(),
  port: port.optional(),
  /** Path of a Unix socket. */
  socket: text.optional(),
  /** Several poolers for the same database, in place of host and port. */
  addresses: z.array(address).min(1).optional(),
  database: text,
  /** `off` says that tokens' claims and all data may travel in the clear to a pooler that is not on this machine. */
  tls: z.union([z.literal('off'), tls], { error: "is either 'off' or what to verify: ca, serverName, cert, key" }).optional(),
}

export const upstreamSchema = z.strictObject(upstreamShape)

/** The name of a branch that stands for all: its pooler knows no branches, and a token's is only carried along. */
export const anyBranch = '*'

/** What may say where a client without a telling host name wants to go. */
export const fallbacks = ['options', 'database', 'claim'] as const

export const routingSchema = z.strictObject({
  /** Hosts are `{cluster}.{branch}.<suffix>`; left out: host names say nothing. */
  suffix: z.string().refine(isSuffix, 'is a host name, such as db.example.org').optional(),
  /** Hosts by which clients may come that name no cluster and no branch. */
  neutralHosts: z.array(text).max(64).default([]),
  fallbacks: z.array(z.enum(fallbacks)).default([]),
  /** For those who name none; left out: the only cluster, and its only branch, if there is but one. */
  default: z.strictObject({ cluster: slug, branch: slug.optional() }).optional(),
  clusters: z
    .array(
      z.strictObject({
        name: slug,
        branches: z.array(z.strictObject({ name: z.union([z.literal(anyBranch), slug]), ...upstreamShape })).min(1),
      }),
    )
    .min(1)
    .max(10_000),
})

export const healthSchema = z.strictObject({
  /** How often each of several poolers is looked at; 0: never, they are judged by what befalls sessions alone. */
  intervalMs: z.int().min(0).max(3_600_000).default(2000),
})

export type Upstream = z.infer<typeof upstreamSchema>
export type Routing = z.infer<typeof routingSchema>

/** What of the configuration says where sessions go. */
export interface RouteConfig {
  readonly upstream?: Upstream | undefined
  readonly routing?: Routing | undefined
  readonly roles: readonly { readonly password?: string | undefined }[]
  readonly tokens: { readonly requiredClaims: readonly string[] }
  readonly claims: { readonly cluster?: string | undefined; readonly branch?: string | undefined }
}

export interface BranchPlan extends Upstream {
  readonly name: string
}

export interface RoutePlan {
  readonly suffix: string | null
  readonly neutralHosts: readonly string[]
  readonly fallbacks: readonly (typeof fallbacks)[number][]
  readonly default: { readonly cluster: string | null; readonly branch: string | null }
  readonly clusters: readonly { readonly name: string; readonly branches: readonly BranchPlan[] }[]
}

const usualBranch = 'main'

/** The one form that everything behind knows; of a configuration in which nothing is unsafe. */
export function planRoutes({ upstream, routing, claims }: RouteConfig): RoutePlan {
  if (routing !== undefined) return planOf(routing)
  const cluster = claims.cluster ?? ''
  const branches = upstream === undefined ? [] : [{ ...upstream, name: anyBranch }]
  return planOf({
    neutralHosts: [],
    fallbacks: ['claim'],
    default: { cluster, branch: claims.branch ?? usualBranch },
    clusters: [{ name: cluster, branches }],
  })
}

function planOf({ suffix, neutralHosts, fallbacks: allowed, default: usual, clusters }: Routing): RoutePlan {
  const cluster = usual?.cluster ?? (clusters.length === 1 ? (clusters[0]?.name ?? null) : null)
  const only = clusters.length === 1 && clusters[0]?.branches.length === 1 ? clusters[0].branches[0]?.name : undefined
  const branch = usual?.branch ?? (only === anyBranch ? usualBranch : (only ?? null))
  return {
    suffix: suffix?.toLowerCase() ?? null,
    neutralHosts: neutralHosts.map((host) => host.toLowerCase()),
    fallbacks: allowed,
    default: { cluster, branch },
    clusters,
  }
}

/** The same, with each file's path changed. */
export function withPaths<C extends RouteConfig>(config: C, change: (path: string) => string): C {
  const { upstream, routing } = config
  if (upstream !== undefined) return { ...config, upstream: withPath(upstream, change) }
  if (routing === undefined) return config
  const clusters = routing.clusters.map((cluster) => ({ ...cluster, branches: cluster.branches.map((branch) => withPath(branch, change)) }))
  return { ...config, routing: { ...routing, clusters } }
}

function withPath<U extends Upstream>(upstream: U, change: (path: string) => string): U {
  if (typeof upstream.tls !== 'object') return upstream
  const { ca, cert, key } = upstream.tls
  const own = cert === undefined || key === undefined ? {} : { cert: change(cert), key: change(key) }
  return { ...upstream, tls: { ...upstream.tls, ca: change(ca), ...own } }
}

interface Objection {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What is well formed and still must not run. */
export function unsafeRoutes(config: RouteConfig): Objection[] {
  return [...oneForm(config), ...upstreamsOf(config).flatMap((each) => unsafeUpstream(each, config)), ...unsafeNames(config)]
}

function oneForm({ upstream, routing, claims }: RouteConfig): Objection[] {
  if (upstream === undefined && routing === undefined)
    return [{ path: ['upstream'], message: 'is missing: name the pooler, or clusters by routing' }]
  if (upstream !== undefined && routing !== undefined)
    return [{ path: ['upstream'], message: 'is given beside routing: leave one of them out' }]
  if (routing === undefined)
    return claims.cluster === undefined ? [{ path: ['claims', 'cluster'], message: 'is missing (string expected)' }] : []
  return (['cluster', 'branch'] as const)
    .filter((key) => claims[key] !== undefined)
    .map((key) => ({ path: ['claims', key], message: 'is what routing says: leave it out here' }))
}

interface Placed {
  readonly path: readonly PropertyKey[]
  readonly upstream: Upstream
}

function upstreamsOf({ upstream, routing }: RouteConfig): Placed[] {
  if (routing === undefined) return upstream === undefined ? [] : [{ path: ['upstream'], upstream }]
  return routing.clusters.flatMap(({ branches }, c) =>
    branches.map((branch, b) => ({ path: ['routing', 'clusters', c, 'branches', b], upstream: branch })),
  )
}

function unsafeUpstream({ path, upstream }: Placed, { roles }: RouteConfig): Objection[] {
  const { tls: verify } = upstream
  const found: Objection[] = []
  const addresses = addressesOf(upstream)
  if (addresses === null) return [{ path, message: 'wants exactly one of host and port, socket, or addresses' }]
  const far = addresses.find((each) => 'host' in each && !isLoopback(each.host))
  if (verify === undefined && far !== undefined) {
    found.push({ path, message: "the pooler is not on this machine: verify it by tls, or say tls: 'off' when the network is yours alone" })
  }
  if (typeof verify !== 'object') {
    return roles.some(({ password }) => password === undefined)
      ? [...found, { path, message: 'a role without password needs tls with cert and key here' }]
      : found
  }
  if (addresses.some((each) => 'socket' in each))
    found.push({ path: [...path, 'tls'], message: 'there is no TLS over a Unix socket: leave it out' })
  if ((verify.cert === undefined) !== (verify.key === undefined))
    found.push({ path: [...path, 'tls'], message: 'cert and key go together' })
  if (verify.cert === undefined && roles.some(({ password }) => password === undefined)) {
    found.push({ path: [...path, 'tls'], message: 'a role without password needs cert and key here' })
  }
  return found
}

/** Null when it is said in no way or in two. */
export function addressesOf({ host, port: at, socket, addresses }: Upstream): z.infer<typeof address>[] | null {
  const ways = [host !== undefined || at !== undefined, socket !== undefined, addresses !== undefined].filter(Boolean).length
  if (ways !== 1) return null
  if (addresses !== undefined) return addresses
  if (socket !== undefined) return [{ socket }]
  return host === undefined || at === undefined ? null : [{ host, port: at }]
}

function unsafeNames({ routing, tokens }: RouteConfig): Objection[] {
  if (routing === undefined) return []
  const { clusters, suffix, neutralHosts, default: usual } = routing
  const repeated = (names: readonly string[]) => names.flatMap((name, at) => (names.indexOf(name) < at ? [at] : []))
  const found: Objection[] = repeated(clusters.map(({ name }) => name)).map((at) => ({
    path: ['routing', 'clusters', at, 'name'],
    message: 'this cluster is there already',
  }))
  for (const [at, { branches }] of clusters.entries()) {
    const path = ['routing', 'clusters', at, 'branches']
    for (const b of repeated(branches.map(({ name }) => name)))
      found.push({ path: [...path, b, 'name'], message: 'this branch is there already' })
    const any = branches.findIndex(({ name }) => name === anyBranch)
    if (any >= 0 && branches.length > 1)
      found.push({ path: [...path, any, 'name'], message: "'*' stands for all branches: leave the others out" })
  }
  if (clusters.length > 1 && !tokens.requiredClaims.includes('cluster_id')) {
    found.push({
      path: ['tokens', 'requiredClaims'],
      message: 'with several clusters a token must say for which it is: add cluster_id to the list',
    })
  }
  const cluster = clusters.find(({ name }) => name === usual?.cluster)
  if (usual !== undefined && cluster === undefined)
    found.push({ path: ['routing', 'default', 'cluster'], message: 'there is no such cluster' })
  if (usual?.branch !== undefined && cluster?.branches.every(({ name }) => name !== usual.branch && name !== anyBranch) === true) {
    found.push({ path: ['routing', 'default', 'branch'], message: 'this cluster has no such branch' })
  }
  if (suffix === undefined && neutralHosts.length > 0) {
    found.push({ path: ['routing', 'neutralHosts'], message: 'without a suffix no host name says anything: add one, or leave these out' })
  }
  return found
}
