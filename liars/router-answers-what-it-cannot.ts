/** A router that leaves out what it cannot do, and answers the rest. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'leaves out what it cannot do, and answers the rest',
  refutes: { 'SHARD-104': ['having', 'distinct', 'windows', 'hidden-order', 'collected', 'sets'] },
} satisfies Lie

if (import.meta.main) {
  await runRewritten(process.argv, [
    ['having count(*) > 5', 'having count(*) < 5'],
    ['count(distinct grp)', 'count(grp)'],
    ['row_number() over (order by item_id)', 'item_id + 1'],
    ['order by price desc', ''],
    ['array_agg(item_id order by item_id)', 'max(item_id)'],
    ['except select amount from items where item_id > 15', ''],
  ])
}
