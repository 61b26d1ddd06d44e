/** The shapes of clusters and their poolers: what is validated, what is documented and what drivers are given are the same. */
import { z } from '@hono/zod-openapi'

/** Is a label of a host name and a name in Kubernetes. */
export const clusterId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends')

export const branchName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'is a slug: 1 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends')

const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'is a plain SQL name')
/** Kubernetes' quantities: `500m`, `256Mi`. */
const quantity = z.string().regex(/^\d{1,12}(?:\.\d{1,6})?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'is a quantity such as 500m or 256Mi')

export const poolerModes = ['transaction', 'session'] as const

/** The seven settings of the pooler's interface. Without defaults: a patch names some of them. */
export const poolerFields = {
  enabled: z.boolean(),
  mode: z.enum(poolerModes),
  /** Server connections of the whole cluster, shared by its pooler instances. */
  max_connections: z.int().min(1).max(100_000),
  idle_timeout_seconds: z.int().min(1).max(86_400),
  read_write_split: z.boolean(),
  sharding_enabled: z.boolean(),
  default_shard_count: z.int().min(1).max(1024),
}

export const poolerDefaults = {
  enabled: true,
  mode: 'transaction',
  max_connections: 100,
  idle_timeout_seconds: 600,
  read_write_split: false,
  sharding_enabled: false,
  default_shard_count: 1,
} as const

export const PoolerConfig = z.strictObject(poolerFields).openapi('PoolerConfig')
export type PoolerConfig = z.infer<typeof PoolerConfig>

export const PoolerPatch = z
  .strictObject(poolerFields)
  .partial()
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'names at least one setting')
  .openapi('PoolerPatch', { minProperties: 1 })
export type PoolerPatch = z.infer<typeof PoolerPatch>

export const ShardedTable = z
  .strictObject({
    schema: identifier.optional(),
    name: identifier,
    column: identifier,
    /** The width decides where a number lies: an int4 and an int8 of one value are on different shards. */
    data_type: z.enum(['smallint', 'integer', 'bigint', 'uuid', 'text']),
  })
  .openapi('ShardedTable')

const amounts = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() })

/** How the pooler is deployed. */
export const PoolerDeployment = z
  .strictObject({
    /** Left out: the driver's own. */
    image: z.string().min(1).max(512).optional(),
    replicas: z.int().min(1).max(64).default(1),
    resources: z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }).optional(),
    sharded_tables: z.array(ShardedTable).max(1000).default([]),
  })
  .openapi('PoolerDeployment')

export const SleepPolicy = z
  .strictObject({
    /** Put to sleep after so long without a query and an open transaction; null: never by itself. */
    idle_after_seconds: z.int().min(1).max(31_536_000).nullable().default(null),
    /** What is kept while it sleeps. */
    standby: z.enum(['warm', 'cold']).default('cold'),
    /** How long open transactions are waited for before it stays awake after all. */
    drain_timeout_seconds: z.int().min(0).max(86_400).default(60),
  })
  .openapi('SleepPolicy')

export const Branch = z
  .strictObject({
    name: branchName,
    /** Its database on the servers; another one than any other branch's. */
    database: identifier,
  })
  .openapi('Branch')
export type Branch = z.infer<typeof Branch>

export const ClusterSpec = z
  .strictObject({
    database: identifier.default('orochi'),
    /** Beside `main`, which is always there and is `database`. */
    branches: z.array(Branch).max(1000).default([]),
    pooler: z.strictObject(withDefaults()).prefault({}),
    deployment: PoolerDeployment.prefault({}),
    sleep: SleepPolicy.prefault({}),
  })
  .openapi('ClusterSpec')
export type ClusterSpec = z.infer<typeof ClusterSpec>

function withDefaults() {
  return {
    enabled: poolerFields.enabled.default(poolerDefaults.enabled),
    mode: poolerFields.mode.default(poolerDefaults.mode),
    max_connections: poolerFields.max_connections.default(poolerDefaults.max_connections),
    idle_timeout_seconds: poolerFields.idle_timeout_seconds.default(poolerDefaults.idle_timeout_seconds),
    read_write_split: poolerFields.read_write_split.default(poolerDefaults.read_write_split),
    sharding_enabled: poolerFields.sharding_enabled.default(poolerDefaults.sharding_enabled),
    default_shard_count: poolerFields.default_shard_count.default(poolerDefaults.default_shard_count),
  }
}

export const clusterStates = ['active', 'suspending', 'suspended', 'waking'] as const
export type ClusterState = (typeof clusterStates)[number]

export const OperationView = z
  .object({
    id: z.string(),
    kind: z.enum(['create', 'wake', 'suspend', 'delete']),
    started_at: z.iso.datetime(),
    deadline_at: z.iso.datetime(),
    /** How often it was taken up; more than one: a control plane ended in its midst. */
    attempt: z.int().min(1),
  })
  .openapi('Operation')

/** What a state is asked for most. `status` says `running` for an active cluster: one state, two words for it. */
export const ClusterStatus = z
  .object({
    cluster_id: clusterId,
    state: z.enum(clusterStates),
    status: z.enum(['running', 'suspending', 'suspended', 'waking']),
    is_ready: z.boolean(),
    message: z.string(),
    since: z.iso.datetime(),
    operation: OperationView.nullable(),
  })
  .openapi('ClusterStatus')
export type ClusterStatus = z.infer<typeof ClusterStatus>

export const Cluster = z
  .object({
    id: clusterId,
    spec: ClusterSpec,
    /** Counts changes of `spec`; its ETag. */
    generation: z.int().min(1),
    status: ClusterStatus,
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('Cluster')
export type Cluster = z.infer<typeof Cluster>

export const CreateCluster = z.strictObject({ id: clusterId, spec: ClusterSpec.prefault({}) }).openapi('CreateCluster')
export const ClusterList = z.object({ clusters: z.array(Cluster), next: clusterId.nullable() }).openapi('ClusterList')
export const BranchList = z.object({ branches: z.array(Branch) }).openapi('BranchList')
