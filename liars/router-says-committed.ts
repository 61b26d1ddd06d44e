/** A router that answers COMMIT and rolls back. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'answers COMMIT and rolls back',
  refutes: { 'SHARD-010': ['written'], 'SHARD-011': ['error'], 'SHARD-020': ['commits'] },
} satisfies Lie

if (import.meta.main) await runRewritten(process.argv, [['commit', 'abort']])
