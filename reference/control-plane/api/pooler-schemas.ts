/** The shapes of what is said of poolers, of events, and of what went wrong. */
import { z } from '@hono/zod-openapi'
import { clusterId, clusterStates, PoolerConfig, poolerFields } from './cluster-schemas.ts'

const setting = z.enum(Object.keys(poolerFields) as [keyof PoolerConfig, ...(keyof PoolerConfig)[]])

export const PoolerInstance = z
  .object({
    name: z.string(),
    ready: z.boolean(),
    message: z.string(),
    /** Which generation of the settings it runs by; null: it cannot be told. */
    generation: z.int().nullable(),
  })
  .openapi('PoolerInstance')

/** The settings, and beside them what became of them. */
export const PoolerStatus = z
  .object({
    ...PoolerConfig.shape,
    status: z.object({
      state: z.enum(clusterStates),
      is_ready: z.boolean(),
      message: z.string(),
      generation: z.int(),
      /** Up to which generation the settings were brought to the platform. */
      applied_generation: z.int(),
      /** Settings that the running instances read only when they start. */
      pending_restart: z.array(setting),
      instances: z.array(PoolerInstance),
    }),
  })
  .openapi('PoolerStatus')
export type PoolerStatus = z.infer<typeof PoolerStatus>

const shardCounts = z.record(z.string().regex(/^\d+$/), z.int().min(0))

export const PoolerStats = z
  .object({
    active_connections: z.int().min(0),
    idle_connections: z.int().min(0),
    total_queries: z.int().min(0),
    queries_per_second: z.number().min(0),
    average_latency_ms: z.number().min(0),
    /** From the histograms; null: nobody who keeps one answered. */
    p99_latency_ms: z.number().min(0).nullable(),
    /** Queries by number of shard. */
    shard_distribution: shardCounts,
    instances: z.array(z.object({ name: z.string(), part: z.enum(['pooler', 'gateway']), answered: z.boolean(), message: z.string() })),
    at: z.iso.datetime(),
  })
  .openapi('PoolerStats')
export type PoolerStats = z.infer<typeof PoolerStats>

export const ShardDistribution = z
  .object({
    shard_count: z.int().min(1),
    total_queries: z.int().min(0),
    shards: z.array(z.object({ shard: z.int().min(0), queries: z.int().min(0), share: z.number().min(0).max(1) })),
    /** The busiest shard's queries in relation to the mean; 1: even; null: there were none. */
    skew: z.number().min(0).nullable(),
    at: z.iso.datetime(),
  })
  .openapi('ShardDistribution')
export type ShardDistribution = z.infer<typeof ShardDistribution>

export const ReloadResult = z
  .object({
    instances: z.array(z.object({ instance: z.string(), reloaded: z.boolean(), message: z.string() })),
    pending_restart: z.array(setting),
  })
  .openapi('ReloadResult')

export const eventKinds = [
  'cluster.created',
  'cluster.deleted',
  'state.changed',
  'wake.requested',
  'wake.completed',
  'wake.failed',
  'suspend.requested',
  'suspend.completed',
  'suspend.abandoned',
  'pooler.configured',
  'pooler.applied',
  'pooler.reloaded',
  'readiness.changed',
] as const

/** One line of a cluster's history: its wake log, and what the stream of events carries. */
export const WakeEvent = z
  .object({
    /** Grows; gaps are no loss. */
    id: z.int().min(1),
    cluster_id: clusterId,
    at: z.iso.datetime(),
    kind: z.enum(eventKinds),
    state: z.enum(clusterStates),
    is_ready: z.boolean(),
    message: z.string(),
    /** Of the operation that it belongs to. */
    operation_id: z.string().nullable(),
    /** Who or what wanted it: a subject, `gateway`, `idle`, `recovery`; null: nobody in particular. */
    cause: z.string().nullable(),
    /** Of a waking: what it was woken from. */
    warmth: z.enum(['warm', 'cold']).nullable(),
    duration_ms: z.number().min(0).nullable(),
  })
  .openapi('WakeEvent')
export type WakeEvent = z.infer<typeof WakeEvent>

export const EventList = z.object({ events: z.array(WakeEvent), next: z.int().nullable() }).openapi('EventList')

/** What the gateway asks for. */
export const InternalState = z
  .object({
    state: z.object({ cluster_id: clusterId, status: z.string(), is_ready: z.boolean(), message: z.string() }),
  })
  .openapi('InternalState')

/** RFC 9457. */
export const Problem = z
  .object({
    /** `urn:orochi:problem:…`: what a program tells problems apart by. */
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    /** In what was sent, by path. */
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    request_id: z.string(),
  })
  .openapi('Problem')
export type Problem = z.infer<typeof Problem>
