/** A gateway that keeps entries in its cache that it will never serve again. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'keeps entries in its cache that it will never serve again',
  refutes: {
    'CACHE-003': ['removed'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get: (token, verify) => cache.get(token, verify),
        get size() {
          return cache.size
        },
      }
    },
  })
}
