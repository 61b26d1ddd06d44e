import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { orochiShard, postgresShard, type KeyType } from './hash.ts'
import { readKey } from './keys.ts'

interface Golden {
  readonly counts: readonly number[]
  readonly vectors: readonly { readonly type: KeyType; readonly key: string; readonly shards: readonly number[] }[]
}

const golden = JSON.parse(readFileSync(new URL('../../../fixtures/orochi-hash.json', import.meta.url), 'utf8')) as Golden

test.each(golden.vectors)('$type $key is on the shard that an independent CRC-32 names, from 2 to 32 shards', ({ type, key, shards }) => {
  const read = readKey({ form: 'text', bytes: Buffer.from(key, 'utf8') }, type, true)
  if (typeof read === 'string') throw new Error(`${key} is ${read}`)
  expect(golden.counts.map((count) => orochiShard(read, count))).toEqual(shards)
})

// What satisfies_hash_partition of PostgreSQL 18 says, asked for each of 32 partitions.
test.each<[KeyType, string, number]>([
  ['int2', '0', 16],
  ['int2', '1', 24],
  ['int2', '-1', 5],
  ['int2', '32767', 14],
  ['int4', '0', 16],
  ['int4', '1', 24],
  ['int4', '-1', 5],
  ['int4', '42', 2],
  ['int4', '-2147483648', 22],
  ['int8', '0', 16],
  ['int8', '1', 24],
  ['int8', '-1', 5],
  ['int8', '42', 2],
  ['int8', '4294967296', 24],
  ['int8', '-9223372036854775808', 31],
  ['int8', '1000000000000', 21],
  ['text', '', 6],
  ['text', 'a', 30],
  ['text', 'tenant-a', 20],
  ['text', 'Zürich', 6],
  ['text', '日本', 3],
  ['text', 'xxxxxxxxxxxx', 8],
  ['text', 'yyyyyyyyyyyyy', 16],
  ['text', 'z'.repeat(100), 22],
  ['uuid', '00000000-0000-0000-0000-000000000000', 5],
  ['uuid', '550e8400-e29b-41d4-a716-446655440000', 9],
])('Postgres puts %s %s into partition %i of 32', (type, key, partition) => {
  const read = readKey({ form: 'text', bytes: Buffer.from(key, 'utf8') }, type, true)
  if (typeof read === 'string') throw new Error(`${key} is ${read}`)
  expect(postgresShard(read, 32)).toBe(partition)
})
