/** A gateway that uses no key that could not be fetched anew in time. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'uses no key that could not be fetched anew in time',
  refutes: {
    'JWT-104': ['goes-on'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeKeySource: (terms) => pieces.makeKeySource({ ...terms, maxStaleMs: terms.refreshMs }) })
}
