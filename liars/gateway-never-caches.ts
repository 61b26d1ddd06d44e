/** A gateway that verifies every token anew. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'verifies every token anew',
  refutes: { 'JWT-115': ['own-entry'], 'JWT-006': ['verified-once', 'hit-counted'], 'JWT-007': ['stored'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, entries: 0 }) })
