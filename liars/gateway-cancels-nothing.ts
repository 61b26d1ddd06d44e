/** A gateway that gives out cancel keys and knows none of them afterwards. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'gives out cancel keys and knows none of them afterwards',
  refutes: { 'SEC-136': ['works', 'instances', 'fenced'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { openDesk: (terms) => ({ ...pieces.openDesk(terms), find: () => null }) })
