/** A gateway that drops from a full cache what was stored first, however much it is used. */
import { run } from '../reference/gateway/index.ts'
import type { VerifiedToken } from '../reference/gateway/verify.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'drops from a full cache what was stored first, however much it is used',
  refutes: { 'CACHE-004': ['least-recent'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache({ entries, onHit, onMiss }) {
      const kept = new Map<string, VerifiedToken>()
      return {
        get size() {
          return kept.size
        },
        async get(token, verify) {
          const known = kept.get(token)
          if (known !== undefined) onHit()
          else onMiss()
          const found = known ?? (await verify())
          kept.set(token, found)
          if (kept.size > entries) kept.delete(kept.keys().next().value!)
          return found
        },
      }
    },
  })
}
