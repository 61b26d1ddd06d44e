/** A gateway that refuses a token that it has in its cache. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'refuses a token that it has in its cache',
  refutes: { 'JWT-006': ['same-verdict'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      let hits = 0
      const cache = pieces.makeCache({ ...terms, onHit: () => (hits++, terms.onHit()) })
      return {
        get size() {
          return cache.size
        },
        async get(token, verify) {
          const before = hits
          const found = await cache.get(token, verify)
          if (hits > before) throw new Refusal('invalid_signature')
          return found
        },
      }
    },
  })
}
