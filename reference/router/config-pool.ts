/** Keys of the configuration that tell how server connections are pooled. */
import { z } from 'zod'

const milliseconds = z.int().min(1).max(86_400_000)
const mode = z.enum(['transaction', 'session', 'statement'])
const size = z.int().min(1).max(10_000)
const minSize = z.int().min(0).max(10_000)

export const pool = z.strictObject({
  /** When a client gives its server connection up: after each transaction, when it leaves, or after each statement. */
  mode: mode.default('transaction'),
  /** Server connections per user and database. */
  size: size.default(5),
  /** So many are opened ahead and stay, however idle. */
  minSize: minSize.default(0),
  /** How long a server may take to let the router in, and to answer what the client does not see. */
  connectTimeoutMs: milliseconds.default(5000),
  /** How long a client waits for a free server connection. */
  waitTimeoutMs: milliseconds.default(5000),
  /** Unused server connections beyond `minSize` are closed after this. */
  idleTimeoutMs: milliseconds.default(600_000),
  /** A server that owes an answer and says nothing for so long is given up, and its client told; 0: it may take as long as it likes. */
  answerTimeoutMs: z.int().min(0).max(86_400_000).default(0),
  /** Runs between two clients in place of the router's own clean-up. */
  cleanQuery: z.string().min(1).optional(),
})

export const user = z.strictObject({
  name: z.string().min(1),
  password: z.string().min(1),
  /** What is different for the connections of this user. */
  pool: z.strictObject({ mode: mode.optional(), size: size.optional(), minSize: minSize.optional() }).optional(),
  /** Where a database commits in two phases: false lets this user's writes to several shards go without. */
  twoPhaseCommit: z.boolean().optional(),
})

export type PoolMode = z.infer<typeof mode>
export type PoolConfig = z.infer<typeof pool>

/** What holds for the connections of a user: its own keys over those of all. */
export function poolOf(pool: PoolConfig, { pool: own }: Pick<z.infer<typeof user>, 'pool'>): PoolConfig {
  return { ...pool, ...(Object.fromEntries(Object.entries(own ?? {}).filter(([, value]) => value !== undefined)) as Partial<PoolConfig>) }
}
