/** A gateway that takes two tokens for the same when one byte of their hashes is the same. */
import { createHash } from 'node:crypto'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes two tokens for the same when one byte of their hashes is the same',
  refutes: { 'CACHE-006': ['right'] },
} satisfies Lie

const byteOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 2)

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        get: (token, verify) => cache.get(byteOf(token), verify),
      }
    },
  })
}
