/** What PgDog is told about shards and replicas, in keys that 0.1.54 knows. */
import type { KeyType, ShardedTable } from '../topology.ts'
import type { PoolerPlan } from './pooler.ts'
import type { TomlRow } from './toml.ts'

type RoutingPlan = Pick<PoolerPlan, 'shards' | 'database' | 'sharding' | 'split' | 'wish'>

/** PgDog knows one integer type and calls text varchar. */
const dataTypes: Readonly<Record<KeyType, string>> = { int2: 'bigint', int4: 'bigint', int8: 'bigint', text: 'varchar', uuid: 'uuid' }

/** Keys of `[general]` that routing asks for; none where there is one server only. */
export function routingSettings({ shards, sharding, split, wish }: RoutingPlan): TomlRow {
  return {
    ...(shards.some((servers) => servers.length > 1) ? splitSettings(split) : {}),
    ...(wish.roles === 'found' ? roleSettings : {}),
    ...(sharding.twoPhaseCommit ? { two_phase_commit: true, two_phase_commit_auto: true, two_phase_commit_wal_dir: '{dir}/2pc' } : {}),
  }
}

/** Roles are looked for together with the lag, which is done never unless it is asked for. */
const roleSettings: TomlRow = { lsn_check_delay: 0, lsn_check_interval: 250, lsn_check_timeout: 1_000 }

function splitSettings({ reads, maxLagMs }: PoolerPlan['split']): TomlRow {
  return {
    read_write_split: reads === 'replicas' ? 'exclude_primary' : 'include_primary',
    load_balancing_strategy: 'round_robin',
    ...(maxLagMs === null ? {} : lagSettings(maxLagMs)),
  }
}

/** The lag is not looked at unless that is asked for, a limit of it means nothing if it is looked at more seldom, and who was left out stays so for five minutes. */
function lagSettings(maxLagMs: number): TomlRow {
  return {
    ban_replica_lag: maxLagMs,
    ban_timeout: maxLagMs,
    lsn_check_delay: 0,
    lsn_check_interval: Math.max(50, Math.min(250, Math.floor(maxLagMs / 4))),
  }
}

/** Tables of the configuration by name: a row, or a list of them; empty lists are left out. */
export function routingTables({ shards, database, sharding }: RoutingPlan): Readonly<Record<string, TomlRow | readonly TomlRow[]>> {
  if (shards.length < 2) return {}
  const { hash, tables, reference } = sharding
  const common = (table: ShardedTable): TomlRow => ({ database, name: table.name, column: table.column, data_type: dataTypes[table.type] })
  const sharded = tables.map((table) => ({ ...common(table), ...(hash === 'orochi' ? lookup(table, shards.length) : {}) }))
  return {
    // As it comes, PgDog sends an INSERT of several rows whole to each shard; told to refuse it (`error`), it does the same.
    ...(sharding.splitInserts ? { rewrite: { enabled: true, split_inserts: 'rewrite', shard_key: 'rewrite' } } : {}),
    ...(sharded.length > 0 ? { sharded_tables: sharded } : {}),
    ...(reference.length > 0 ? { omnisharded_tables: [{ database, tables: reference }] } : {}),
  }
}

/** The database itself computes the shard by the reference hash; PgDog keeps the answer by key. */
function lookup({ type }: ShardedTable, shards: number): TomlRow {
  return {
    lookup_query: `SELECT orochi.get_shard_index(orochi.hash_value($1::${type}), ${shards})`,
    lookup_result: 'shard',
  }
}
