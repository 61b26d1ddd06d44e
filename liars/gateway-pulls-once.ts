/** A gateway that pulls the list of revocations once and holds it to be true for ever. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'pulls the list of revocations once and holds it to be true for ever',
  refutes: {
    'SEC-142': ['pulled', 'stale'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makePull: (terms) => pieces.makePull({ ...terms, intervalMs: Number.POSITIVE_INFINITY, maxStaleMs: Number.POSITIVE_INFINITY }),
  })
}
