/** Keys of the configuration that tell how a database is spread over shards and servers. */
import { z } from 'zod'

const milliseconds = z.int().min(1).max(86_400_000)
const name = z.string().min(1)

const shardedTable = z.strictObject({
  /** As statements name it, perhaps with its schema. */
  name,
  /** The sharding key. */
  column: name,
  type: z.enum(['int2', 'int4', 'int8', 'text', 'uuid']),
})

export const sharding = z.strictObject({
  /** orochi: CRC-32 of the key modulo the number of shards. postgres: as PARTITION BY HASH. */
  hash: z.enum(['orochi', 'postgres']).default('orochi'),
  tables: z.array(shardedTable).default([]),
  /** Tables with the same rows on every shard. */
  reference: z.array(name).default([]),
  /** A parameter of the session that gives the key where a statement has none. */
  keyParameter: name.optional(),
  /** Writes to several shards are committed in two phases; needs `twoPhase.dir`. */
  twoPhaseCommit: z.boolean().default(false),
})

export const split = z.strictObject({
  /** Who answers reads: any server, or replicas only, as long as there is one that is well. */
  reads: z.enum(['any', 'replicas']).default('replicas'),
  /** A replica that is further behind gets no reads; null: however far. */
  maxLagMs: milliseconds.nullable().default(1000),
  /** How often servers are asked how far they are. */
  checkIntervalMs: milliseconds.default(200),
  /** A client keeps to one replica as long as that is well. */
  sticky: z.boolean().default(false),
})

export const twoPhase = z.strictObject({
  /** Folder for the log of decisions: it must outlive the router. */
  dir: name,
  /** How often prepared transactions that nobody owns are looked for. */
  sweepIntervalMs: milliseconds.default(1000),
})

/** The database through which operators ask the router about itself. */
export const admin = z.strictObject({ database: name.default('admin'), user: name.default('admin'), password: name })

export type ShardingConfig = z.infer<typeof sharding>
export type SplitConfig = z.infer<typeof split>
