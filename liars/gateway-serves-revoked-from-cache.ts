/** A gateway that finds a revoked token in its cache before it finds it revoked. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'finds a revoked token in its cache before it finds it revoked',
  refutes: {
    'CACHE-005': ['no-hit'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, stillGood: () => true }) })
}
