/** A gateway that uses keys for ever that it fetched once. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'uses keys for ever that it fetched once',
  refutes: {
    'JWT-104': ['ceiling', 'readiness'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeKeySource: (terms) => pieces.makeKeySource({ ...terms, maxStaleMs: Number.POSITIVE_INFINITY }) })
}
