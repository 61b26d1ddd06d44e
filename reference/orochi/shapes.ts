/** What a control plane answers, as far as this command reads it; what it does not know it hands on as it came. */
import { z } from 'zod'

export const settingsKeys = [
  'enabled',
  'mode',
  'max_connections',
  'idle_timeout_seconds',
  'read_write_split',
  'sharding_enabled',
  'default_shard_count',
] as const

const settingsShape = z.object({
  enabled: z.boolean(),
  mode: z.string(),
  max_connections: z.number(),
  idle_timeout_seconds: z.number(),
  read_write_split: z.boolean(),
  sharding_enabled: z.boolean(),
  default_shard_count: z.number(),
})

export type PoolerSettings = z.infer<typeof settingsShape>

const strings = z.array(z.string())

export const poolerShape = z.looseObject({
  ...settingsShape.shape,
  status: z.looseObject({ pending_restart: strings.optional() }).optional(),
})
export type Pooler = z.infer<typeof poolerShape>

export const stateShape = z.looseObject({
  cluster_id: z.string(),
  state: z.string(),
  is_ready: z.boolean(),
  message: z.string().optional(),
})
export type ClusterState = z.infer<typeof stateShape>

export const clusterShape = z.looseObject({ id: z.string(), status: stateShape })
export type Cluster = z.infer<typeof clusterShape>

/** A page; `next` is what the following one begins after. */
export const clustersShape = z.looseObject({ clusters: z.array(clusterShape), next: z.string().nullable().optional() })

export const statsShape = z.looseObject({
  active_connections: z.number(),
  idle_connections: z.number(),
  total_queries: z.number(),
  queries_per_second: z.number(),
  average_latency_ms: z.number().nullable(),
  p99_latency_ms: z.number().nullable(),
  shard_distribution: z.record(z.string(), z.number()),
})
export type Stats = z.infer<typeof statsShape>

const reloadedShape = z.looseObject({ instance: z.string(), reloaded: z.boolean(), message: z.string() })
export const reloadShape = z.looseObject({ instances: z.array(reloadedShape).optional(), pending_restart: strings.optional() })

/** To an order: what is said in it is asked for anew. */
export const takenShape = z.looseObject({})

/** RFC 9457, and what is often seen in its place. */
export const problemShape = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
})
