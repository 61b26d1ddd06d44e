/** A gateway that holds one token more than it may. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'holds one token more than it may',
  refutes: { 'CACHE-004': ['bounded'], 'CACHE-006': ['bounded'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, entries: terms.entries + 1 }) })
