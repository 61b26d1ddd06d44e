/** What can be configured, with defaults, and which configurations are refused because they would be unsafe. */
import { z } from 'zod'
import { accessSections, gateLimits } from './access/limits-config.ts'
import { audit } from './audit-log/audit-config.ts'
import { certificateKeys, unsafeCertificates } from './certificates.ts'
import { cancel } from './cancel/cancel-config.ts'
import { workersSchema } from './config-workers.ts'
import { leaseStoreSchema, unsafeLeases } from './leases/config.ts'
import { unsafeKeys } from './key-config.ts'
import { issuer } from './key-schema.ts'
import { isLoopback } from './loopback.ts'
import { permissionClaims } from './permissions.ts'
import { unsafeWake, wakeSchema } from './wake/config.ts'
import { healthSchema, routingSchema, unsafeRoutes, upstreamSchema } from './route-config.ts'
import { unsafeStanding } from './standing-config.ts'
import { revocation, sessions, singleUse } from './standing-schema.ts'
import { shardHintSchema } from './shard-hint.ts'

const text = z.string().min(1)
const port = z.int().min(0).max(65_535)
const timeoutMs = z.int().min(100).max(3_600_000)
const address = z.strictObject({ host: text, port })
/** Names that travel inside the signed claims. */
const word = z.string().regex(/^[A-Za-z0-9_.-]{1,63}$/, 'may hold letters, digits and _ . - only, 63 at most')

const role = z.strictObject({
  name: text,
  user: text,
  /** Left out: it logs in by the certificate of its upstream's `tls`. */
  password: text.optional(),
  /** Whose tokens it is for; left out: those of all tenants that no other row of this name has. */
  tenants: z.array(text).min(1).optional(),
})

const tokens = z.strictObject({
  requiredClaims: z.array(text).default(['exp', 'iss', 'sub', 'role', 'tenant_id']),
  leewaySeconds: z.int().min(0).max(60).default(30),
  maxBytes: z.int().min(256).max(65_535).default(65_535),
  /** From `iat` to `exp`; left out: any. */
  maxLifetimeSeconds: z.int().min(1).max(31_536_000).optional(),
  /** Narrows the header's `typ` down (`application/` before it is no matter); a token without one is refused then. */
  types: z
    .array(z.enum(['jwt', 'at+jwt']))
    .min(1)
    .optional(),
  /** By claim, what a token must be for: `token_use: [access]`, `scope: [database]`. */
  purposes: z.record(text, z.array(text).min(1)).optional(),
  singleUse: singleUse.optional(),
  cache: z
    .strictObject({ entries: z.int().min(0).max(1_000_000).default(1000), ttlSeconds: z.int().min(0).max(86_400).default(300) })
    .prefault({}),
})

const limits = z.strictObject({
  /** For each stage of the client's side of a login: up to the start-up packet (TLS included), up to the password. */
  startupTimeoutMs: timeoutMs.default(10_000),
  /** For reaching the upstream and its whole greeting. */
  upstreamTimeoutMs: timeoutMs.default(10_000),
  /** How long sessions may go on after SIGTERM. */
  drainTimeoutMs: z.int().min(0).max(3_600_000).default(5000),
  ...gateLimits,
})

export const configSchema = z.strictObject({
  listen: address,
  operations: address.optional(),
  tls: z.strictObject({ cert: text, key: text, ...certificateKeys }).optional(),
  /** One pooler for everybody; or `routing`. */
  upstream: upstreamSchema.optional(),
  routing: routingSchema.optional(),
  /** Left out: a cluster that sleeps is a cluster that cannot be reached. */
  wake: wakeSchema.optional(),
  health: healthSchema.prefault({}),
  roles: z.array(role).min(1),
  databases: z.array(text).min(1),
  issuers: z.array(issuer).min(1, 'no issuer: nobody could log in; name at least one, with its audience and a public key'),
  tokens: tokens.prefault({}),
  claims: z.strictObject({
    keyId: word,
    key: z
      .base64()
      .refine((key) => Buffer.from(key, 'base64').length >= 32, 'a claims key has at least 32 bytes, in base64 (openssl rand -base64 32)'),
    /** Names of the one upstream's; with `routing` they are said there. */
    cluster: word.optional(),
    branch: word.optional(),
    /** Which claims tell what a token allows; an issuer's `scope` may be about other things. */
    permissionsFrom: z.array(z.enum(permissionClaims)).default([...permissionClaims]),
  }),
  /** Left out: the pooler is told no shard. */
  shardHint: shardHintSchema.optional(),
  revocation: revocation.prefault({}),
  sessions: sessions.prefault({}),
  limits: limits.prefault({}),
  ...accessSections,
  /** Left out: each gateway counts the connections of tenants for itself. */
  leaseStore: leaseStoreSchema.optional(),
  workers: workersSchema.prefault({}),
  cancel: cancel.prefault({}),
  audit: audit.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

export type GatewayConfig = z.infer<typeof configSchema>

export interface Objection {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What is well formed and still must not run. */
export function findUnsafe(config: GatewayConfig): Objection[] {
  return [
    ...unsafeListener(config),
    ...unsafeCertificates(config),
    ...unsafeRoutes(config),
    ...unsafeWake(config),
    ...unsafeTokens(config),
    ...unsafeSeal(config),
    ...unsafeKeys(config),
    ...unsafeStanding(config),
    ...unsafeLeases(config),
    ...twice(config),
  ]
}

function unsafeListener({ listen, tls }: GatewayConfig): Objection[] {
  if (tls !== undefined || isLoopback(listen.host)) return []
  return [{ path: ['listen', 'host'], message: 'tokens would travel in the clear: add a tls section, or listen on 127.0.0.1' }]
}

function unsafeTokens({ tokens: { requiredClaims } }: GatewayConfig): Objection[] {
  return ['exp', 'iss']
    .filter((claim) => !requiredClaims.includes(claim))
    .map((claim) => ({ path: ['tokens', 'requiredClaims'], message: `${claim} must be required: add it to the list` }))
}

/** HMAC hashes a longer key down first, which the database's side does not do. */
function unsafeSeal({ claims: { key } }: GatewayConfig): Objection[] {
  return Buffer.from(key, 'base64').length > 64 ? [{ path: ['claims', 'key'], message: 'a claims key has at most 64 bytes' }] : []
}

function twice({ roles, issuers }: GatewayConfig): Objection[] {
  return [
    ...repeatedRoles(roles),
    ...repeated(issuers.map(({ issuer }) => issuer)).map((at) => ({
      path: ['issuers', at, 'issuer'],
      message: 'this issuer is there already',
    })),
  ]
}

/** Two rows of one name must be for different tenants. */
function repeatedRoles(roles: GatewayConfig['roles']): Objection[] {
  const marks = roles.map(({ name, tenants }) => (tenants ?? ['']).map((tenant) => JSON.stringify([name, tenant])))
  return marks.flatMap((row, at) => {
    const taken = row.some((mark) => marks.slice(0, at).some((before) => before.includes(mark)))
    return taken ? [{ path: ['roles', at, 'name'], message: 'this role is there already: let it name `tenants` of its own' }] : []
  })
}

function repeated(names: readonly string[]): number[] {
  return names.flatMap((name, at) => (names.indexOf(name) < at ? [at] : []))
}
