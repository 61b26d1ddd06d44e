/** A gateway that never looks at nbf. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'never looks at nbf',
  refutes: { 'JWT-016': ['early', 'reason'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { rules: { ...rules, notBefore: () => [] } })
