/** What PgDog 0.1.54 can do with each setting of a pooler: by which key, and when it takes a change. */
import type { ClusterSpec, PoolerConfig } from './api/cluster-schemas.ts'

export interface SettingRow {
  /** Keys of PgDog's configuration that it becomes. */
  readonly keys: readonly string[]
  /** `reload`: a running instance takes it when it is told to read its settings; `restart`: when it starts. */
  readonly takes: 'reload' | 'restart'
}

export const settings: Readonly<Record<keyof PoolerConfig, SettingRow>> = {
  enabled: { keys: [], takes: 'restart' },
  mode: { keys: ['general.pooler_mode'], takes: 'reload' },
  max_connections: { keys: ['general.default_pool_size'], takes: 'reload' },
  idle_timeout_seconds: { keys: ['general.idle_timeout'], takes: 'reload' },
  read_write_split: { keys: ['general.read_write_split'], takes: 'reload' },
  sharding_enabled: { keys: ['sharded_tables', 'general.two_phase_commit'], takes: 'reload' },
  // Servers come and go with it, and nothing moves rows: only a start brings all of it together.
  default_shard_count: { keys: ['databases.shard'], takes: 'restart' },
}

export interface Objection {
  readonly path: string
  readonly message: string
}

/** What is well formed, and PgDog cannot do. */
export function findImpossible({ pooler, deployment, branches, database }: ClusterSpec): Objection[] {
  const { mode, read_write_split: split, sharding_enabled: sharded, default_shard_count: shards, max_connections: connections } = pooler
  const found: Objection[] = []
  const object = (path: string, message: string) => found.push({ path, message })
  if (mode === 'session' && split)
    object('pooler.read_write_split', 'in session mode statements are passed on unread: set mode to transaction, or this to false')
  if (mode === 'session' && sharded)
    object('pooler.sharding_enabled', 'in session mode statements are passed on unread: set mode to transaction, or this to false')
  if (!sharded && shards > 1) object('pooler.default_shard_count', 'more than one shard takes sharding_enabled: true')
  if (sharded && deployment.sharded_tables.length === 0 && shards > 1)
    object('deployment.sharded_tables', 'no table is sharded: name one, its column and the type of that')
  const least = deployment.replicas * (sharded ? shards : 1)
  if (connections < least)
    object('pooler.max_connections', `each of ${deployment.replicas} instances needs one for each shard: at least ${least}`)
  return [...found, ...repeated(branches, database)]
}

function repeated(branches: ClusterSpec['branches'], database: string): Objection[] {
  return branches.flatMap(({ name, database: own }, at) => {
    const before = branches.slice(0, at)
    const found: Objection[] = []
    if (name === 'main' || before.some((other) => other.name === name))
      found.push({ path: `branches.${at}.name`, message: 'there is a branch of this name already' })
    if (own === database || before.some((other) => other.database === own))
      found.push({ path: `branches.${at}.database`, message: 'this database is another branch’s already' })
    return found
  })
}

/** Those of the changed settings that running instances do not take now. */
export function waitForRestart(before: PoolerConfig, after: PoolerConfig): (keyof PoolerConfig)[] {
  return (Object.keys(settings) as (keyof PoolerConfig)[]).filter(
    (name) => before[name] !== after[name] && settings[name].takes === 'restart',
  )
}

/** Of PgDog's pool size, which counts for one instance and one shard: at least one. */
export function poolSizeOf({ pooler, deployment }: ClusterSpec): number {
  const pools = deployment.replicas * (pooler.sharding_enabled ? pooler.default_shard_count : 1)
  return Math.max(1, Math.floor(pooler.max_connections / pools))
}
