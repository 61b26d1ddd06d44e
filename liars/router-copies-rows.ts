/** A router that leaves copies of rows on shards that are not theirs. */
import { runMeddling } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'leaves copies of rows on shards that are not theirs',
  refutes: {
    'SHARD-015': ['split'],
    'SHARD-016': ['never-misplaced'],
    'SHARD-102': ['once'],
    'SHARD-103': ['once'],
  },
} satisfies Lie

if (import.meta.main) {
  const said = /insert into items \(item_id, grp\) values \(|update items set item_id/
  await runMeddling(process.argv, said, [0, 1], `insert into items (item_id, grp) values (1001, 'copy') on conflict do nothing`)
}
