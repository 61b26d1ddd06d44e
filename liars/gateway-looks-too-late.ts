/** A gateway that checks the signature first and looks into its cache afterwards. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'checks the signature first and looks into its cache afterwards',
  refutes: { 'CACHE-001': ['no-check'], 'CACHE-002': ['verified-once'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        async get(token, verify) {
          await verify()
          return cache.get(token, verify)
        },
      }
    },
  })
}
