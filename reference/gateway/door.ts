/** The door: all that a new connection needs, made of one configuration. A reload makes a new one and does away with the old. */
import type { SecureContext } from 'node:tls'
import type { Source } from './access/address.ts'
import type { Gate, LocalGate } from './access/gate.ts'
import { networksOf, type Networks } from './access/networks.ts'
import type { Tenants } from './access/tenants.ts'
import type { Certificates } from './certificates.ts'
import { deriveSealingKey } from './cancel/sealed-key.ts'
import type { CancelTerms } from './cancel/serve.ts'
import type { AdmissionTerms } from './admission.ts'
import type { GatewayConfig } from './config.ts'
import { publishes } from './key-sources.ts'
import { trusts, type TrustedIssuer } from './keyring.ts'
import type { Lasting } from './lasting.ts'
import { readMaterial } from './material.ts'
import { wakerTerms } from './wake/material.ts'
import type { Wakes } from './wake/waker.ts'
import { watchHealth } from './health.ts'
import type { Place } from './host-name.ts'
import type { Routes } from './operations.ts'
import type { Pieces } from './pieces.ts'
import type { RouteMap } from './routes.ts'
import type { ClaimsSeal } from './session-claims.ts'
import { pushRoutes } from './revocation-push.ts'
import { sweepNowAndThen } from './standing.ts'
import type { ShardHint } from './shard-hint.ts'
import { Refusal } from './reasons.ts'
import { describe, verifyToken, type TokenTerms, type VerifiedToken } from './verify.ts'

/** What every session of a gateway needs. */
export interface Door extends Lasting {
  readonly secureContext: SecureContext | null
  readonly gate: Gate
  readonly tenants: Tenants
  /** Those that say for whom they connect. */
  readonly proxies: Networks
  readonly cancel: CancelTerms
  /** Those of clients. */
  readonly certificates: Certificates
  readonly verify: (token: string) => Promise<VerifiedToken>
  readonly cacheEntries: () => number
  /** True while tokens can be checked: there is an issuer with keys, and it is known what was revoked. */
  readonly isReady: () => boolean
  readonly admissionTerms: AdmissionTerms
  /** Which cluster and branch it is for is said by the route. */
  readonly seal: Omit<ClaimsSeal, keyof Place>
  readonly routeMap: RouteMap
  readonly shardHint: ShardHint | undefined
  /** Null: nothing is ever woken. */
  readonly waker: Wakes | null
  readonly maxTokenBytes: number
  readonly startupTimeoutMs: number
  readonly upstreamTimeoutMs: number
  /** What the operations port is asked or told about this door, besides health, readiness and metrics. */
  readonly routes: Routes
}

/**
 * Whoever makes a door disposes it: that ends what goes on in the background for it (give it to `stack.use` here). Logins that are under way
 * still hold it, so what it consists of must go on working when disposed. Throws a ConfigError, and leaves nothing behind then.
 */
export async function makeDoor(config: GatewayConfig, lasting: Lasting): Promise<Door & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const material = await readMaterial(config, lasting.pieces.tls)
  const sleeps = wakerTerms(config.wake, material.controlPlane, lasting.metrics.registry)
  const issuers = publishedToo(config, material.issuers, lasting, stack)
  const door: Door = {
    ...lasting,
    ...makeVerifier(config, issuers, lasting, stack),
    ...makeAccess(config, lasting),
    secureContext: material.secureContext,
    certificates: lasting.pieces.makeCertificates(config.tls ?? { clientCertificate: 'none', tokenBinding: 'claimed' }),
    seal: material.seal,
    admissionTerms: { roles: material.roles, databases: config.databases, routes: material.routes },
    routeMap: material.routes,
    shardHint: config.shardHint,
    waker: sleeps === null ? null : lasting.pieces.makeWaker(sleeps),
    maxTokenBytes: config.tokens.maxBytes,
    startupTimeoutMs: config.limits.startupTimeoutMs,
    upstreamTimeoutMs: config.limits.upstreamTimeoutMs,
    routes: pushRoutes(material.pushAccess, lasting),
  }
  stack.use(watchPoolers(config, material.routes, lasting.pieces))
  const owned = stack.move()
  return { ...door, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function makeAccess(config: GatewayConfig, lasting: Lasting): Pick<Door, 'gate' | 'tenants' | 'proxies' | 'cancel'> {
  const { limits, access, tenants, cancel, claims } = config
  const { pieces, crew } = lasting
  return {
    gate: crew.gate ?? makeLocalGate(config, lasting),
    cancel: { inTheClear: cancel.inTheClear, sealingKey: deriveSealingKey(Buffer.from(cancel.key ?? claims.key, 'base64')) },
    proxies: networksOf(access.proxies),
    tenants: pieces.makeTenants({ tenants, connections: limits.perTenant.connections }),
  }
}

/** Of the process that counts: the only one, or the supervisor of several. */
export function makeLocalGate({ limits, access, cancel }: GatewayConfig, { pieces, books, leases, write }: Lasting): LocalGate {
  books.resize(limits.rememberedAddresses)
  const onBlocked = ({ subscriber }: Source) =>
    write('warn', { event: 'blocked', address: subscriber, forMs: limits.perAddress.failures.blockMs }, 'too many failed logins: shut out')
  return pieces.makeGate({ limits, cancels: cancel.perNetwork, allow: access.allow, books, leases, onBlocked })
}

/** Where there is no choice there is nothing to find out. */
function watchPoolers({ health }: GatewayConfig, { everywhere, choices }: RouteMap, { dial }: Pieces): Disposable {
  return watchHealth({ poolers: everywhere.poolers.filter((pooler) => choices.has(pooler)), ...health, dial, now: () => performance.now() })
}

/** Keys that lie in files, and those that are published. */
function publishedToo(
  { issuers }: GatewayConfig,
  inFiles: readonly TrustedIssuer[],
  { keySources }: Lasting,
  stack: AsyncDisposableStack,
): readonly TrustedIssuer[] {
  return issuers.map((issuer, at) => (publishes(issuer) ? keySources.take(issuer, stack) : inFiles[at]!))
}

/** The cache is a door's own: what one configuration found good means nothing to the next, whose keys may be others. */
function makeVerifier(
  config: GatewayConfig,
  issuers: TokenTerms['issuers'],
  { pieces, metrics, standing, pulls }: Lasting,
  stack: AsyncDisposableStack,
): Pick<Door, 'verify' | 'cacheEntries' | 'isReady'> {
  const { cache: size, ...demands } = config.tokens
  const terms: TokenTerms = { issuers, ...demands }
  const stillGood = (token: VerifiedToken) => standing.stands(token) && trusts(issuers, token)
  const cache = pieces.makeCache({
    ...size,
    stillGood,
    now: pieces.now,
    onHit: () => metrics.cacheHit(),
    onMiss: () => metrics.cacheMiss(),
  })
  const verifyAnew = async (token: string) => {
    const verified = await verifyToken(token, terms, pieces, pieces.now, () => metrics.signatureCheck())
    standing.check(verified)
    return verified
  }
  stack.use(sweepNowAndThen(cache))
  const pull = pulls.take(config.revocation, stack)
  return {
    cacheEntries: () => cache.size,
    isReady: () => issuers.some(({ keys }) => keys.length > 0) && pull?.isStale !== true,
    async verify(token) {
      const verified = await cache.get(token, () => verifyAnew(token))
      if (config.revocation.pull?.whenStale === 'closed' && pull?.isStale === true)
        throw new Refusal('revocations_unknown', describe(verified.claims))
      return verified
    },
  }
}
