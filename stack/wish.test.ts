import { expect, test } from 'vitest'
import { HarnessError } from './harness-error.ts'
import type { TopologyWish } from './topology.ts'
import { defaultTopology, topologyText } from './wish.ts'

test('by default there is a server for each shard', () => {
  expect(defaultTopology({ shards: 3 }).servers).toBe(3)
  expect(defaultTopology({ shards: 3, servers: 2 }).servers).toBe(2)
})

test('a later wish lies over an earlier one, records are merged', () => {
  const topology = defaultTopology({ pooler: { kind: 'router', poolSize: 2 } }, { pooler: { poolSize: 3 }, links: 'direct' })
  expect(topology.pooler).toMatchObject({ kind: 'router', poolSize: 3, instances: 1 })
  expect(topology.links).toBe('direct')
})

test('null takes the gateway away, and the pooler behind it may go too', () => {
  expect(defaultTopology({ gateway: null, pooler: null })).toMatchObject({ gateway: null, pooler: null })
})

test('a part that was taken away does not come back by a wish that does not name it', () => {
  expect(defaultTopology({ gateway: null }, { pooler: null, replicas: 1 })).toMatchObject({ gateway: null, pooler: null })
  expect(defaultTopology({ gateway: null }, { gateway: { instances: 2 } }).gateway?.instances).toBe(2)
})

test('a kind left undefined is the default kind', () => {
  expect(defaultTopology({ pooler: { kind: undefined as never } }).pooler?.kind).toMatch(/^(pgdog|router)$/)
})

const impossible: readonly TopologyWish[] = [
  { shards: 0 },
  { shards: 1.5 },
  { shards: 2, servers: 3 },
  { replicas: -1 },
  { pooler: { poolSize: 0 } },
  { pooler: null },
]

test.for(impossible)('what cannot be is refused: %j', (wish) => {
  expect(() => defaultTopology(wish)).toThrow(HarnessError)
})

test('the text tells topologies apart and is the same for the same wish', () => {
  const text = (wish: TopologyWish) => topologyText(defaultTopology({ pooler: { kind: 'router' } }, wish))
  expect(text({})).toBe(text({ shards: 1 }))
  const different: TopologyWish[] = [{}, { shards: 2 }, { replicas: 1 }, { links: 'direct' }, { pooler: { poolSize: 6 } }]
  different.push({ postgres: { settings: { fsync: 'off' } } }, { gateway: { leewaySeconds: 0 } }, { programs: { gateway: 'x.ts' } })
  expect(new Set(different.map(text)).size).toBe(different.length)
})
