/** Tells the pooler on which shard a session's rows lie, by a claim of its token: for statements that name no key themselves. */
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Claims } from './token.ts'
import { textOf } from './verify.ts'

/** For poolers that take the number of a shard as a start-up parameter, such as PgDog's `pgdog.shard`. */
export const shardHintSchema = z.strictObject({
  parameter: z.string().regex(/^[a-z_]+(\.[a-z_]+)+$/, 'is the name of a start-up parameter with a dot in it, such as pgdog.shard'),
  /** Its text is the key. */
  claim: z.string().min(1).default('tenant_id'),
  shards: z.int().min(2).max(1024),
})

export type ShardHint = z.infer<typeof shardHintSchema>

/** CRC-32 (IEEE) of the key as UTF-8, modulo the number of shards. No parameter where the token has no such claim. A client can ask for another shard: what may be read is for the database to say. */
export function shardHint(claims: Claims, hint: ShardHint | undefined): readonly (readonly [string, string])[] {
  if (hint === undefined) return []
  const key = textOf(claims, hint.claim)
  return key === undefined ? [] : [[hint.parameter, String(crc32(Buffer.from(key)) % hint.shards)]]
}
