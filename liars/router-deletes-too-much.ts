/** A router that deletes a row that nobody named. */
import { runMeddling } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'deletes a row that nobody named',
  refutes: { 'SHARD-005': ['others-unchanged'] },
} satisfies Lie

if (import.meta.main) await runMeddling(process.argv, /delete from items/, [0], 'delete from items where item_id = 777')
