/** A gateway that never looks at exp. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'never looks at exp',
  refutes: {
    'JWT-002': ['rejected', 'reason', 'no-claims'],
    'JWT-008': ['rejected-expired'],
    'CONN-004': ['fatal', 'sqlstate', 'no-backend'],
  },
} satisfies Lie

if (import.meta.main) await run(process.argv, { rules: { ...rules, expiry: () => [] } })
