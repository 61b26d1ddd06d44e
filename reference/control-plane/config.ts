/** What can be configured, with defaults, and which configurations are refused because they would be unsafe. */
import { z } from 'zod'
import { audit } from '../gateway/audit-log/audit-config.ts'
import { unsafeKeys } from '../gateway/key-config.ts'
import { issuer } from '../gateway/key-schema.ts'
import { isLoopback } from '../gateway/loopback.ts'
import { permissionClaims } from '../gateway/permissions.ts'
import type { Objection } from '../gateway/strict-yaml.ts'
import { driverSchema } from './drivers.ts'

const text = z.string().min(1)
const port = z.int().min(0).max(65_535)
const address = z.strictObject({ host: text, port })
const milliseconds = (least: number, most: number) => z.int().min(least).max(most)

const store = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sqlite'),
    path: text,
    /** Serves questions and refuses changes. */
    readOnly: z.boolean().default(false),
    /** Full when it has grown to that; left out: the disk decides. */
    maxMegabytes: z.int().min(1).max(1_048_576).optional(),
  }),
  z.strictObject({
    kind: z.literal('postgres'),
    url: z.string().regex(/^postgres(?:ql)?:\/\//, 'begins with postgres://'),
    timeoutMs: milliseconds(100, 60_000).default(5000),
  }),
])

const tokens = z.strictObject({
  requiredClaims: z.array(text).default(['exp', 'iss', 'sub']),
  leewaySeconds: z.int().min(0).max(60).default(30),
  maxBytes: z.int().min(256).max(65_535).default(16_384),
  maxLifetimeSeconds: z.int().min(1).max(31_536_000).optional(),
  /** Which claims tell what a token allows. */
  permissionsFrom: z
    .array(z.enum(permissionClaims))
    .min(1)
    .default([...permissionClaims]),
  /** To see clusters; who may change them may see them, too. */
  readPermission: text.default('clusters:read'),
  adminPermission: text.default('clusters:admin'),
  cache: z
    .strictObject({ entries: z.int().min(0).max(1_000_000).default(1000), ttlSeconds: z.int().min(0).max(86_400).default(300) })
    .prefault({}),
})

const times = z.strictObject({
  /** For a whole waking, until everything is ready. */
  wakeMs: milliseconds(100, 3_600_000).default(120_000),
  /** For stopping, after the transactions are over. */
  suspendMs: milliseconds(100, 3_600_000).default(120_000),
  deleteMs: milliseconds(100, 3_600_000).default(300_000),
  /** For one call to the driver; a driver that hangs is cut off then. */
  callMs: milliseconds(100, 3_600_000).default(60_000),
  /** How often a cluster that changes is looked at. */
  pollMs: milliseconds(10, 60_000).default(50),
  /** How often the others are looked at. */
  watchMs: milliseconds(50, 3_600_000).default(5000),
  /** How long an answer waits to tell whether the platform refused the order; it is 202 after that. */
  acceptMs: milliseconds(0, 60_000).default(100),
  /** After a waking that failed, how long who asks again is told so (ten times that when trying again is hopeless). */
  coolDownMs: milliseconds(0, 3_600_000).default(1000),
  /** From one try to the next, at first and at most. */
  firstPauseMs: milliseconds(10, 60_000).default(200),
  maxPauseMs: milliseconds(10, 600_000).default(5000),
  /** For all metrics of a cluster's instances. */
  statsMs: milliseconds(100, 60_000).default(3000),
  /** How often whoever does not lead tries to, and the one who leads makes sure of it. */
  leadMs: milliseconds(50, 60_000).default(1000),
})

export const configSchema = z.strictObject({
  listen: address,
  /** Health, readiness and metrics, for machines inside; left out: nowhere. */
  operations: address.optional(),
  tls: z.strictObject({ cert: text, key: text }).optional(),
  store,
  driver: driverSchema,
  /** Who vouches for people; as the gateway's. */
  issuers: z.array(issuer).min(1, 'no issuer: nobody could ask for anything; name at least one, with its audience and a public key'),
  tokens: tokens.prefault({}),
  /** What the gateway is known by; left out: it is told nothing. */
  internal: z.strictObject({ tokenFile: text }).optional(),
  times: times.prefault({}),
  limits: z
    .strictObject({
      /** Requests under way at once; more are asked to come again. */
      requests: z.int().min(1).max(100_000).default(1000),
      streams: z.int().min(1).max(100_000).default(100),
      bodyBytes: z.int().min(1024).max(16_777_216).default(65_536),
      /** Older ones are forgotten. */
      events: z.int().min(100).max(100_000_000).default(100_000),
    })
    .prefault({}),
  /** For people with a browser, at `/`. */
  page: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** A screen that nobody touches forgets the token then. */
      idleSeconds: z.int().min(1).max(86_400).default(900),
    })
    .prefault({}),
  audit: audit.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

export type ControlPlaneConfig = z.infer<typeof configSchema>

/** What is well formed and still must not run. */
export function findUnsafe(config: ControlPlaneConfig): Objection[] {
  return [...unsafeListener(config), ...unsafeIssuers(config), ...unsafeTokens(config)]
}

function unsafeListener({ listen, tls }: ControlPlaneConfig): Objection[] {
  if (tls !== undefined || isLoopback(listen.host)) return []
  return [{ path: ['listen', 'host'], message: 'tokens would travel in the clear: add a tls section, or listen on 127.0.0.1' }]
}

/** Keys that are published are the gateway's business; here they lie in files. */
function unsafeIssuers({ issuers }: ControlPlaneConfig): Objection[] {
  const published = issuers.flatMap(({ jwks }, at) =>
    jwks === undefined ? [] : [{ path: ['issuers', at, 'jwks'], message: 'is not for a control plane: give it the keys as files' }],
  )
  return published.length > 0 ? published : unsafeKeys({ issuers })
}

function unsafeTokens({ tokens: { requiredClaims } }: ControlPlaneConfig): Objection[] {
  return ['exp', 'iss', 'sub']
    .filter((claim) => !requiredClaims.includes(claim))
    .map((claim) => ({ path: ['tokens', 'requiredClaims'], message: `${claim} must be required: add it to the list` }))
}
