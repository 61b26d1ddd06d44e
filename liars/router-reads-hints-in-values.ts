/** A router that sends a statement to the shard that a value in it speaks of. */
import { runHinted } from './kit/hinted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'sends a statement to the shard that a value in it speaks of',
  refutes: { 'SQLI-003': ['values'] },
} satisfies Lie

const hint = /'[^']*shard: ?([012])|shard: ?([012])[^\n]{0,200}\0/

if (import.meta.main) await runHinted(process.argv, hint)
