/** A router that takes parts of statements for others. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes parts of statements for others',
  refutes: {
    'SHARD-007': ['one-key', 'reference', 'aggregate', 'refused'],
    'SHARD-008': ['order', 'page', 'offset-alone'],
    'SHARD-009': ['values', 'averages'],
    'SHARD-013': ['rows'],
    'SHARD-016': ['moved'],
    'SHARD-022': ['row'],
    'SHARD-102': ['found'],
  },
} satisfies Lie

if (import.meta.main) {
  await runRewritten(process.argv, [
    ['l.line, l.qty', 'l.qty, l.line'],
    ['c.code = l.country', 'c.code > l.country'],
    ['sum(l.qty)', 'max(l.qty)'],
    [
      'select a.item_id, b.item_id from items a join items b on b.amount = a.amount + 3',
      'select item_id, item_id from items where amount > 3',
    ],
    [' desc', '  asc'],
    ['item_id offset', 'item_id limit'],
    ['sum(amount)', 'max(amount)'],
    ['avg(', 'max('],
    ['set item_id = 2', 'set amount  = 2'],
    ['select item_id from items where item_id = $1', 'select item_id from items where item_id < $1'],
  ])
}
