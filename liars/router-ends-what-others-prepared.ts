/** A router that rolls back what somebody else has prepared. */
import { runMeddling } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'rolls back what somebody else has prepared',
  refutes: { '2PC-006': ['live-untouched'] },
} satisfies Lie

if (import.meta.main) await runMeddling(process.argv, /commit\0/, [0], `rollback prepared 'another'`)
