/** A gateway that remembers every address that ever knocked. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'remembers every address that ever knocked',
  refutes: { 'SEC-144': ['memory'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeGate(terms) {
      terms.books.resize(1_000_000_000)
      return pieces.makeGate(terms)
    },
  })
