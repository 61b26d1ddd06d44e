/** A gateway that checks a signature twice for each token it has not seen. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'checks a signature twice for each token it has not seen',
  refutes: { 'JWT-006': ['verified-once'], 'JWT-007': ['verified-once'] },
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
          cache.get(token, async () => {
            await verify()
            return verify()
          }),
      }
    },
  })
}
