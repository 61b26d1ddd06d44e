/** A gateway that lets each client that waits ask for itself. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets each client that waits ask for itself',
  refutes: { 'SEC-145': ['one-call'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeWaker: (terms) => ({ run: (errand) => pieces.makeWaker(terms).run(errand) }) })
}
