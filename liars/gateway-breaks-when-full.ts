/** A gateway that ends when its cache is full. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends when its cache is full',
  refutes: { 'CACHE-006': ['alive'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        get(token, verify) {
          if (cache.size >= terms.entries) process.exit(70)
          return cache.get(token, verify)
        },
      }
    },
  })
}
