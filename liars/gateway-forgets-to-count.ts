/** A gateway that counts neither hits nor misses of its cache. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'counts neither hits nor misses of its cache',
  refutes: { 'JWT-006': ['hit-counted'], 'JWT-007': ['miss-counted'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, onHit: () => {}, onMiss: () => {} }) })
