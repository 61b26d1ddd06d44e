/** From a key's bytes to the number of its shard: by CRC-32 as Orochi does, or as Postgres does for hash partitions. */
import { crc32 } from 'node:zlib'

export type KeyType = 'int2' | 'int4' | 'int8' | 'text' | 'uuid'

/** A key as it lies in a table: integers in their width, text as the database's bytes, uuid as its 16 bytes. */
export type Key =
  { readonly type: 'int2' | 'int4' | 'int8'; readonly value: bigint } | { readonly type: 'text' | 'uuid'; readonly bytes: Buffer }

export type ShardOf = (key: Key, shards: number) => number

const widths = { int2: 2, int4: 4, int8: 8 } as const

/** The bytes Orochi hashes: integers least significant byte first. */
export function orochiBytes(key: Key): Buffer {
  if ('bytes' in key) return key.bytes
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(key.value)
  return bytes.subarray(0, widths[key.type])
}

export const orochiShard: ShardOf = (key, shards) => crc32(orochiBytes(key)) % shards

/** HASH_PARTITION_SEED of Postgres. */
const partitionSeed = 0x7a5b22367996dcfdn
const mask64 = 0xffff_ffff_ffff_ffffn

/** The partition of PARTITION BY HASH with as many partitions as there are shards. */
export const postgresShard: ShardOf = (key, shards) => {
  const combined = (postgresHash(key) + 0x49a0f4dd15e5a8e3n) & mask64
  return Number(combined % BigInt(shards))
}

function postgresHash(key: Key): bigint {
  if ('bytes' in key) return hashBytes(key.bytes)
  if (key.type !== 'int8') return hashUint32(Number(BigInt.asUintN(32, key.value)))
  const low = Number(BigInt.asUintN(32, key.value))
  const high = Number(BigInt.asUintN(32, key.value >> 32n))
  // Equal numbers of any width hash alike.
  return hashUint32((low ^ (key.value >= 0n ? high : ~high)) >>> 0)
}

type Three = [a: number, b: number, c: number]

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

function mix([a, b, c]: Three): Three {
  a = ((a - c) ^ rotate(c, 4)) | 0
  c = (c + b) | 0
  b = ((b - a) ^ rotate(a, 6)) | 0
  a = (a + c) | 0
  c = ((c - b) ^ rotate(b, 8)) | 0
  b = (b + a) | 0
  a = ((a - c) ^ rotate(c, 16)) | 0
  c = (c + b) | 0
  b = ((b - a) ^ rotate(a, 19)) | 0
  a = (a + c) | 0
  c = ((c - b) ^ rotate(b, 4)) | 0
  b = (b + a) | 0
  return [a, b, c]
}

function finish([a, b, c]: Three): bigint {
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  c = ((c ^ b) - rotate(b, 24)) | 0
  return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0)
}

function seeded(length: number): Three {
  const start = (0x9e3779b9 + length + 3923095) | 0
  const [a, b, c] = mix([(start + Number(partitionSeed >> 32n)) | 0, (start + Number(partitionSeed & 0xffff_ffffn)) | 0, start])
  return [a, b, c]
}

function hashUint32(value: number): bigint {
  const [a, b, c] = seeded(4)
  return finish([(a + value) | 0, b, c])
}

function hashBytes(bytes: Buffer): bigint {
  let state = seeded(bytes.length)
  let at = 0
  for (; bytes.length - at >= 12; at += 12) {
    const [a, b, c] = state
    state = mix([(a + bytes.readInt32LE(at)) | 0, (b + bytes.readInt32LE(at + 4)) | 0, (c + bytes.readInt32LE(at + 8)) | 0])
  }
  // The lowest byte of c is left for the length.
  const tail = [0, 0, 0]
  for (let i = 0; i < bytes.length - at; i++) {
    const place = i < 8 ? i : i + 1
    tail[place >> 2] = ((tail[place >> 2] ?? 0) + ((bytes[at + i] ?? 0) << (8 * (place & 3)))) | 0
  }
  const [a, b, c] = state
  return finish([(a + (tail[0] ?? 0)) | 0, (b + (tail[1] ?? 0)) | 0, (c + (tail[2] ?? 0)) | 0])
}
