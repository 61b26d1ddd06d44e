import { expect, test } from 'vitest'
import { ClusterSpec, clusterId, PoolerPatch } from './cluster-schemas.ts'

test('a cluster that says nothing is one with a pooler that has every setting', () => {
  const spec = ClusterSpec.parse({})
  expect(spec.pooler).toEqual({
    enabled: true,
    mode: 'transaction',
    max_connections: 100,
    idle_timeout_seconds: 600,
    read_write_split: false,
    sharding_enabled: false,
    default_shard_count: 1,
  })
  expect(spec.sleep).toEqual({ idle_after_seconds: null, standby: 'cold', drain_timeout_seconds: 60 })
  expect(ClusterSpec.parse(spec)).toEqual(spec)
})

test('a patch says what it says and nothing more: no default comes in by it', () => {
  expect(PoolerPatch.parse({ max_connections: 7 })).toEqual({ max_connections: 7 })
  for (const bad of [{}, { max_connection: 7 }, { max_connections: 0 }, { max_connections: 1.5 }, { mode: 'statement' }])
    expect(PoolerPatch.safeParse(bad).success).toBe(false)
})

test('what is no label of a host name names no cluster', () => {
  for (const good of ['a', 'acme', 'a-1', 'x'.repeat(63)]) expect(clusterId.safeParse(good).success).toBe(true)
  for (const bad of ['', '-a', 'a-', 'A', 'a.b', 'a/b', '..', 'x'.repeat(64), 'ä']) expect(clusterId.safeParse(bad).success).toBe(false)
})
