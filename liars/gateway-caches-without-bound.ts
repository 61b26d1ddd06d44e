/** A gateway that lets its cache grow without bound. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets its cache grow without bound',
  refutes: { 'JWT-009': ['bounded'], 'MEM-005': ['bounded'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, entries: Number.POSITIVE_INFINITY }) })
