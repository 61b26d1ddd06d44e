import { expect, test } from 'vitest'
import { shardHint, shardHintSchema } from './shard-hint.ts'

const hint = { parameter: 'pgdog.shard', claim: 'tenant_id', shards: 4 }

test('the shard is CRC-32 of the claim, modulo the number of shards', () => {
  // zlib.crc32(b"hello") is 907060870, of "Zürich" in UTF-8 3540756798, by another program than this one.
  expect(shardHint(new Map([['tenant_id', 'hello']]), hint)).toEqual([['pgdog.shard', '2']])
  expect(shardHint(new Map([['tenant_id', 'hello']]), { ...hint, shards: 32 })).toEqual([['pgdog.shard', String(907060870 % 32)]])
  expect(shardHint(new Map([['tenant_id', 'Zürich']]), { ...hint, shards: 7 })).toEqual([['pgdog.shard', String(3540756798 % 7)]])
})

test('no claim, no hint; no hint wanted, none given', () => {
  expect(shardHint(new Map(), hint)).toEqual([])
  expect(shardHint(new Map([['tenant_id', 'a']]), undefined)).toEqual([])
})

test('a name that is no parameter of a pooler is refused', () => {
  expect(shardHintSchema.safeParse({ parameter: 'search_path', shards: 2 }).success).toBe(false)
  expect(shardHintSchema.safeParse({ parameter: 'pgdog.shard', shards: 2 })).toMatchObject({ success: true, data: { claim: 'tenant_id' } })
})
