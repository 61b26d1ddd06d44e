/** A router that sends a statement to the shard that any comment in it speaks of. */
import { runHinted } from './kit/hinted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'sends a statement to the shard that any comment in it speaks of',
  refutes: { 'SQLI-003': ['strict'] },
} satisfies Lie

const hint = /(?:\/\*|--)[^'$]*?shard: ?([012])[^$]*?(?:\*\/|\n)/

if (import.meta.main) await runHinted(process.argv, hint)
