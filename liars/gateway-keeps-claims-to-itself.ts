/** A gateway that tells a session nothing of its claims but the signed value. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'tells a session nothing of its claims but the signed value',
  refutes: {
    'SESS-001': ['claims'],
    'SESS-002': ['subject'],
    'SESS-003': ['role', 'usable'],
    'SESS-004': ['email'],
    'SESS-005': ['tenant', 'organisation'],
    'SESS-006': ['nested'],
    'OROCHI-008': ['subject'],
  },
} satisfies Lie

if (import.meta.main) await run(process.argv, { convenience: () => new Map() })
