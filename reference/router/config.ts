/** The router's configuration: every key there is. */
import { z } from 'zod'
import { pool, user } from './config-pool.ts'
import { admin, sharding, split, twoPhase } from './config-shards.ts'

const port = z.int().min(0).max(65_535)
const milliseconds = z.int().min(1).max(86_400_000)
const address = z.strictObject({ host: z.string().min(1), port })

const server = z.strictObject({
  /** auto: the servers of the shard are asked which is the primary, and again every `split.checkIntervalMs`. */
  role: z.enum(['primary', 'replica', 'auto']),
  host: z.string().min(1),
  port,
  database: z.string().min(1),
  /** What to verify: the file (PEM) of the authority that signed the server's certificate, and its name if that is not the host. Left out: no TLS. */
  tls: z.strictObject({ ca: z.string().min(1), serverName: z.string().min(1).optional() }).optional(),
})

const isTold = (servers: readonly z.infer<typeof server>[]): boolean => servers.every(({ role }) => role !== 'auto')

const shard = z.strictObject({
  servers: z
    .array(server)
    .min(1)
    .refine(
      (servers) =>
        servers.every(({ role }) => role === 'auto') || (isTold(servers) && servers.filter(({ role }) => role === 'primary').length === 1),
      'a shard needs exactly one primary, or the role auto for all its servers',
    ),
})

export const configSchema = z.strictObject({
  listen: address,
  /** Answers /health, /ready and /metrics. */
  operations: address,
  /** Who may log in; the same name and password are used towards the servers. */
  users: z.array(user).min(1),
  databases: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        shards: z.array(shard).min(1),
        sharding: sharding.prefault({}),
        split: split.prefault({}),
      }),
    )
    .min(1),
  twoPhase: twoPhase.optional(),
  admin: admin.optional(),
  pool: pool.prefault({}),
  /** How long open transactions may go on after SIGTERM. */
  drain: z.strictObject({ timeoutMs: milliseconds.default(30_000) }).prefault({}),
  log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info') }).prefault({}),
})

export type RouterConfig = z.infer<typeof configSchema>
export type DatabaseConfig = RouterConfig['databases'][number]
export type ServerConfig = z.infer<typeof server>

/** Whether statements have to be looked into at all. */
export const isRouted = ({ shards }: Pick<DatabaseConfig, 'shards'>): boolean =>
  shards.length > 1 || shards.some(({ servers }) => servers.length > 1)
