/** A gateway that keeps the place of a waiting client that left. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'keeps the place of a waiting client that left',
  refutes: { 'SEC-145': ['gone'] },
} satisfies Lie

if (import.meta.main) {
  const never = new AbortController().signal
  await run(process.argv, {
    makeWaker(terms) {
      const waker = pieces.makeWaker(terms)
      return { run: (errand) => waker.run({ ...errand, signal: never }) }
    },
  })
}
