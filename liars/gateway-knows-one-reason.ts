/** A gateway that writes the same reason into its audit log for every token it refuses. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes the same reason into its audit log for every token it refuses',
  refutes: {
    'SEC-146': ['audited'],
    'JWT-113': ['reason'],
    'JWT-015': ['reason'],
    'JWT-101': ['reason'],
    'JWT-114': ['reason'],
    'JWT-011': ['reason'],
    'JWT-016': ['reason'],
    'JWT-017': ['reason'],
    'ERR-006': ['recorded'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        get: (token, verify) =>
          cache.get(token, verify).catch(() => {
            throw new Refusal('invalid_signature')
          }),
      }
    },
  })
}
