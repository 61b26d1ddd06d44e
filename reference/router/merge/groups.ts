/** Groups that span shards: each shard gives its part of every aggregate, and the parts are aggregated again. */
import { unsupported } from '../refused.ts'
import type { ReadShape } from '../routing/read-shape.ts'
import { namesOf, sameTree, type Node } from '../sql/syntax.ts'
import { Aggregates } from './aggregates.ts'
import { clauseText, itemsIn, type Clauses } from './clauses.ts'
import { limitsOf, type AnswerColumn, type Known, type MergePlan } from './plan.ts'
import { rewrite } from './rewrite.ts'
import { directionOf } from './sorting.ts'
import { quotedName } from '../sql/literal.ts'

interface Group {
  readonly text: string
  readonly node: Node
}

interface Expression {
  readonly text: string
  readonly node: Node | undefined
}

export function planGroups(clauses: Clauses, shape: ReadShape, columns: readonly AnswerColumn[], known: Known): MergePlan {
  const { select } = shape
  const targets = targetsOf(clauses, shape)
  const groups = groupsOf(clauses, shape, targets, known)
  const aggregates = new Aggregates(groups.length, shape.isKey)
  const put = ({ text, node }: Expression): string => rewrite(text, node, { groups, aggregates, names: known.aggregates })
  const list = targets.map((target, i) => `${put(target)} AS ${quotedName(Buffer.from(columns[i]?.name ?? '', 'utf8').toString('latin1'))}`)
  const having = select.havingClause ? `HAVING ${put({ text: clauseText(clauses, 'having'), node: select.havingClause })}` : ''
  const order = orderBy(clauses, shape, columns, put)
  const parts = [...groups.map(({ text }) => `(${text})`), ...aggregates.parts]
  const keys = groups.map((_, i) => i + 1).join(', ')
  const partial = `${withoutDistinct(clauses)}${parts.join(', ')} ${clauseText(clauses, 'from', 'where')}${keys === '' ? '' : ` GROUP BY ${keys}`}`
  if (parts.length === 0) throw unsupported('groups of several shards need something to group by')
  const by = keys === '' ? '' : `GROUP BY ${groups.map((_, i) => `p${i + 1}`).join(', ')}`
  const { all } = limitsOf(select)
  const combine = (from: string, types: readonly number[]): string =>
    aggregates.finish(`SELECT ${shape.distinct ? 'DISTINCT ' : ''}${list.join(', ')} FROM ${from} ${by} ${having} ${order} ${all}`, types)
  return { partial, combine }
}

/** Everything before the list but DISTINCT: parts of groups are told apart anyway. */
function withoutDistinct({ head }: Clauses): string {
  return head.replace(/\bdistinct\s*$/i, '')
}

interface Target extends Expression {
  readonly name: string | undefined
}

function targetsOf(clauses: Clauses, { select }: ReadShape): Target[] {
  const texts = itemsIn(clauses, 'list')
  return (select.targetList ?? []).map((target, i) => {
    const { val, name } = 'ResTarget' in target ? target.ResTarget : {}
    const text = texts[i] ?? ''
    return { name, node: val, text: name === undefined ? text : withoutAlias(text, name) }
  })
}

/** `expression AS name` and `expression name`. */
function withoutAlias(text: string, name: string): string {
  const written = Buffer.from(name, 'utf8').toString('latin1')
  const quoted = quotedName(written)
  const end = text.endsWith(quoted) ? text.length - quoted.length : text.length - written.length
  return text
    .slice(0, end)
    .replace(/\s+as\s*$/i, '')
    .trimEnd()
}

function groupsOf(clauses: Clauses, { select }: ReadShape, targets: readonly Target[], known: Known): Group[] {
  const texts = itemsIn(clauses, 'group')
  return (select.groupClause ?? []).map((node, i) => {
    if ('GroupingSet' in node) throw unsupported('GROUPING SETS, ROLLUP and CUBE over several shards are not possible')
    const target = 'A_Const' in node && node.A_Const.ival ? targets[(node.A_Const.ival.ival ?? 0) - 1] : aliased(node, targets, known)
    if (!target) return { text: texts[i] ?? '', node }
    if (!target.node) throw unsupported('this GROUP BY is not possible over several shards')
    return { text: target.text, node: target.node }
  })
}

/** A name that is one of a column that can be read is that; else one of the list. */
function aliased(node: Node, targets: readonly Target[], known: Known): Target | undefined {
  const names = 'ColumnRef' in node ? namesOf(node.ColumnRef.fields) : null
  const target = names?.length === 1 ? targets.find(({ name }) => name === names[0]) : undefined
  if (!target || sameTree(target.node, node)) return undefined
  const isInput = known.isInput(names?.[0] ?? '')
  if (isInput === null) throw unsupported('it cannot be told which column GROUP BY names')
  return isInput ? undefined : target
}

function orderBy(
  clauses: Clauses,
  { select }: ReadShape,
  columns: readonly AnswerColumn[],
  put: (expression: Expression) => string,
): string {
  const texts = itemsIn(clauses, 'order')
  const items = (select.sortClause ?? []).map((item, i) => {
    if (!('SortBy' in item) || item.SortBy.sortby_dir === 'SORTBY_USING')
      throw unsupported('this ORDER BY is not possible over several shards')
    const { node } = item.SortBy
    const names = node && 'ColumnRef' in node ? namesOf(node.ColumnRef.fields) : null
    const ofAnswer =
      (node && 'A_Const' in node && node.A_Const.ival) || (names?.length === 1 && columns.some(({ name }) => name === names[0]))
    if (ofAnswer) return texts[i] ?? ''
    const text = (texts[i] ?? '').replace(/(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*$/i, '')
    return `${put({ text, node })}${directionOf(item.SortBy)}`
  })
  return items.length === 0 ? '' : `ORDER BY ${items.join(', ')}`
}
