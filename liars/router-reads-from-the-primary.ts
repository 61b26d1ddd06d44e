/** A router that reads from the primary and says nothing of it. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'reads from the primary and says nothing of it',
  refutes: { 'RW-001': ['replica'], 'RW-010': ['replica'] },
} satisfies Lie

if (import.meta.main) await runRewritten(process.argv, [['pg_is_in_recovery()', 'false']])
