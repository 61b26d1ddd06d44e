/** ORDER BY: by which column of the answer, or by which further one. */
import { unsupported } from '../refused.ts'
import { listed, type Select } from '../routing/shape.ts'
import { namesOf, sameTree, type Node } from '../sql/syntax.ts'
import { tokensOf } from '../sql/tokens.ts'
import { itemsIn, isWord, type Clauses } from './clauses.ts'
import type { AnswerColumn } from './plan.ts'

export interface SortItem {
  /** An expression that is no column of the answer. */
  readonly helper: string | null
  /** From 1. */
  readonly place: number
  /** ASC, DESC, NULLS FIRST, … */
  readonly direction: string
}

type Sort = Extract<Node, { SortBy: unknown }>['SortBy']

export function sortItems(clauses: Clauses, select: Select, columns: readonly AnswerColumn[], distinct: boolean): SortItem[] {
  const texts = itemsIn(clauses, 'order')
  return (select.sortClause ?? []).map((item, i) => {
    if (!('SortBy' in item)) throw unsupported('this ORDER BY is not possible over several shards')
    const { SortBy: sort } = item
    if (sort.sortby_dir === 'SORTBY_USING') throw unsupported('ORDER BY … USING is not possible over several shards')
    const place = placeOf(sort.node, select, columns)
    if (place === null && distinct) throw unsupported('ORDER BY of DISTINCT rows of several shards must name a column of the list')
    return { helper: place === null ? withoutDirection(texts[i] ?? '') : null, place: place ?? 0, direction: directionOf(sort) }
  })
}

export function directionOf({ sortby_dir: direction, sortby_nulls: nulls }: Sort): string {
  const way = direction === 'SORTBY_DESC' ? ' DESC' : ''
  return `${way}${nulls === 'SORTBY_NULLS_FIRST' ? ' NULLS FIRST' : nulls === 'SORTBY_NULLS_LAST' ? ' NULLS LAST' : ''}`
}

/** Which column of the answer it is, from 1; null when it is none. */
export function placeOf(node: Node | undefined, select: Select, columns: readonly AnswerColumn[]): number | null {
  if (!node) return null
  if ('A_Const' in node && node.A_Const.ival) return node.A_Const.ival.ival ?? 0
  const names = 'ColumnRef' in node ? namesOf(node.ColumnRef.fields) : null
  const named = names?.length === 1 ? columns.findIndex(({ name }) => name === names[0]) : -1
  if (named >= 0) return named + 1
  const targets = (select.targetList ?? []).map((target) => ('ResTarget' in target ? target.ResTarget.val : undefined))
  // A star stands for many columns: places after it are not those of the list.
  if (targets.length !== columns.length) return null
  const same = targets.findIndex((target) => sameTree(target, listed(node, select)))
  return same < 0 ? null : same + 1
}

function withoutDirection(text: string): string {
  const tokens = [...tokensOf(text)]
  let end = tokens.length
  if (isWord(tokens[end - 2], 'nulls') && isWord(tokens[end - 1], 'first', 'last')) end -= 2
  if (isWord(tokens[end - 1], 'asc', 'desc')) end--
  return text.slice(0, tokens[end - 1]?.end)
}
