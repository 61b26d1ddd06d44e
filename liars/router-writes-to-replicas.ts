/** A router that lets replicas write. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'lets replicas write',
  refutes: {
    'RW-002': ['primary'],
    'RW-003': ['primary'],
    'RW-004': ['primary'],
    'RW-005': ['one-backend'],
    'RW-009': ['primary'],
  },
} satisfies Lie

if (import.meta.main) await runRewritten(process.argv, [['pg_is_in_recovery()', 'true']])
