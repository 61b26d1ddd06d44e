/** A gateway that loses count of its cache now and then. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'loses count of its cache now and then',
  refutes: { 'CACHE-007': ['hits', 'misses'] },
} satisfies Lie

/** Tells of nine in ten. */
function roughly(tell: () => void): () => void {
  let seen = 0
  return () => {
    if (++seen % 10 !== 0) tell()
  }
}

if (import.meta.main) {
  await run(process.argv, {
    makeCache: (terms) => pieces.makeCache({ ...terms, onHit: roughly(terms.onHit), onMiss: roughly(terms.onMiss) }),
  })
}
