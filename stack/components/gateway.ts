/** The reference gateway as a part: its YAML, certificate and keys from the topology. */
import { stringify } from 'yaml'
import type { Certificate } from '../../fixtures/certificates.ts'
import type { Address, Launch } from '../launch.ts'
import { hostSuffix, mainBranch, pooledBranch } from '../layout.ts'
import { leaseStore } from './set-up.ts'
import { referenceVersion } from './reference.ts'
import type { GatewayWish, PoolWish } from '../topology.ts'

export interface GatewayPlan {
  readonly instance: number
  readonly wish: GatewayWish
  readonly database: string
  /** The poolers, in this gateway's own order. */
  readonly upstreams: readonly Address[]
  /** Beside the main one. */
  readonly branches: readonly string[]
  readonly user: string
  readonly password: string
  /** Credentials for tokens of certain roles and tenants. */
  readonly pools: readonly (PoolWish & { readonly password: string })[]
  readonly certificate: Certificate
  readonly issuer: { readonly issuer: string; readonly audience: string; readonly keyId: string; readonly publicKeyPem: string }
  readonly claims: { readonly keyId: string; readonly key: Buffer; readonly cluster: string }
  /** Whom it asks to wake the cluster; null: nobody. */
  readonly controlPlane: { readonly base: string; readonly token: string; readonly deadlineMs: number } | null
  /** What gateways count together; null: nothing. */
  readonly leaseStore: (Address & { readonly password: string }) | null
  readonly program: string | null
  /** Number of shards if PgDog is to be told the shard of the tenant, else null. */
  readonly shardHint: number | null
}

const program = 'reference/gateway/bin.ts'
/** The role that tokens name, and clients log in as. */
export const tenantRole = 'tenant_user'

export const gatewayName = (instance: number) => `gateway-${instance}`

export function gatewayLaunch(plan: GatewayPlan): Launch {
  return {
    name: gatewayName(plan.instance),
    kind: 'gateway',
    version: referenceVersion('gateway', plan.program),
    process: {
      program: { node: plan.program ?? program },
      argv: ['--config', '{file:gateway.yaml}'],
      prepared: null,
      unprivileged: false,
      sign: null,
    },
    container: {
      image: 'node',
      command: { node: plan.program ?? program, argv: ['--config', '{file:gateway.yaml}'] },
      user: '0:0',
      shared: null,
    },
    env: {},
    files: [
      { name: 'gateway.yaml', content: gatewayYaml(plan), mode: 0o600 },
      { name: 'tls.crt', content: plan.certificate.certificate, mode: 0o644 },
      { name: 'tls.key', content: plan.certificate.privateKey, mode: 0o600 },
      { name: 'issuer.pem', content: plan.issuer.publicKeyPem, mode: 0o644 },
      ...(plan.controlPlane === null ? [] : [{ name: 'plane.token', content: plan.controlPlane.token, mode: 0o600 }]),
      ...Object.entries(plan.wish.files).map(([name, content]) => ({ name, content, mode: 0o600 })),
    ],
    ports: { main: 5433, operations: 9091 },
    ready: { kind: 'http', port: 'operations', path: '/ready' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 6_000 },
    clock: true,
    offers: [
      'gateway',
      'tls',
      'audit-log',
      'gateway-metrics',
      'clock-shift',
      ...(plan.leaseStore === null ? [] : (['lease-store'] as const)),
    ],
  }
}

const roleOf = ({ role, user, password, tenant }: GatewayPlan['pools'][number]) => ({
  name: role,
  user,
  password,
  ...(tenant === undefined ? {} : { tenants: [tenant] }),
})

/** One upstream, or a cluster of branches that host names, hints and claims choose from; and the seal, which is for just that cluster. */
function placesOf({ upstreams, database, branches, claims: { keyId, key, cluster } }: GatewayPlan) {
  const seal = { keyId, key: key.toString('base64') }
  // The hop is on the loopback address or in a network of the stack's own, and a Link can tell what passes only in the clear.
  const reached = { ...(upstreams.length === 1 ? upstreams[0] : { addresses: upstreams }), tls: 'off' }
  if (branches.length === 0) return { upstream: { ...reached, database }, claims: { ...seal, cluster, branch: mainBranch } }
  const further = branches.map((name) => ({ name, ...reached, database: pooledBranch(name) }))
  const routing = {
    suffix: hostSuffix,
    neutralHosts: ['localhost'],
    fallbacks: ['options', 'claim'],
    default: { cluster, branch: mainBranch },
    clusters: [{ name: cluster, branches: [{ name: mainBranch, ...reached, database }, ...further] }],
  }
  return { routing, claims: seal }
}

const wakeOf = ({ base, deadlineMs }: NonNullable<GatewayPlan['controlPlane']>) => ({
  controlPlane: base,
  tokenFile: '{file:plane.token}',
  pollMs: 50,
  noticeMs: 200,
  deadlineMs,
  queue: { total: 1000, perTenant: 1000 },
})

/** Short leases: an entry waits for their end. */
const storeOf = ({ host, port, password }: NonNullable<GatewayPlan['leaseStore']>) => ({
  url: `postgres://${leaseStore}:${password}@${host}:${port}/${leaseStore}`,
  tls: 'off',
  leaseSeconds: 4,
  timeoutMs: 1000,
  whenAway: 'refuse',
})

/** Ports and paths are placeholders, which YAML would quote: they are put in after it is written. */
function gatewayYaml(plan: GatewayPlan): string {
  const { wish, issuer } = plan
  const document = {
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 1 },
    tls: { cert: '{file:tls.crt}', key: '{file:tls.key}' },
    ...placesOf(plan),
    roles: [{ name: tenantRole, user: plan.user, password: plan.password }, ...plan.pools.map(roleOf)],
    databases: [plan.database],
    issuers: [
      {
        issuer: issuer.issuer,
        audience: issuer.audience,
        keys: [{ id: issuer.keyId, algorithm: 'RS256', publicKey: '{file:issuer.pem}' }],
      },
    ],
    tokens: {
      requiredClaims: [...wish.requiredClaims],
      leewaySeconds: wish.leewaySeconds,
      cache: { entries: wish.cacheEntries, ttlSeconds: wish.cacheTtlSeconds },
    },
    ...(plan.controlPlane === null ? {} : { wake: wakeOf(plan.controlPlane) }),
    ...(plan.leaseStore === null ? {} : { leaseStore: storeOf(plan.leaseStore) }),
    ...(plan.shardHint === null ? {} : { shardHint: { parameter: 'pgdog.shard', shards: plan.shardHint } }),
    ...wish.settings,
  }
  return stringify(document, { lineWidth: 0 }).replace('port: 0', 'port: {port:main}').replace('port: 1', 'port: {port:operations}')
}
