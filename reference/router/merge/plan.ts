/** How several shards' rows for one SELECT become its answer: what each shard is asked, and the question that puts their rows together. */
import { unsupported } from '../refused.ts'
import { sameTree, parseText, walk, type Node } from '../sql/syntax.ts'
import type { ReadShape } from '../routing/read-shape.ts'
import type { Select } from '../routing/shape.ts'
import { clausesOf, clauseText, itemsIn, type Clauses } from './clauses.ts'
import { planGroups } from './groups.ts'
import { sortItems, type SortItem } from './sorting.ts'

/** Names and types of the columns of the whole answer. */
export interface AnswerColumn {
  readonly name: string
  readonly type: number
}

export interface MergePlan {
  /** For each shard. */
  readonly partial: string
  /** Over rows of `partial`, which are called p1, p2, … here; `types` are those of the columns of `partial`. */
  readonly combine: (from: string, types: readonly number[]) => string
}

export interface Known {
  readonly oneCollation: boolean
  readonly aggregates: ReadonlySet<string>
  /** Whether a name is one of a column that can be read; null when nobody knows. */
  readonly isInput: (name: string) => boolean | null
}

/** Rows as they come are the answer. */
export const isPlain = (shape: ReadShape): boolean => shape.byKey && !shape.windows && !shape.sorted && !shape.limited

/** Throws a Refused when the answer could be wrong. */
export function planMerge(shape: ReadShape, columns: readonly AnswerColumn[], known: Known): MergePlan {
  const { select, parsed } = shape
  checkShape(shape, known)
  const clauses = clausesOf(parsed.text)
  checkCut(clauses, select)
  return shape.grouped && !shape.byKey ? planGroups(clauses, shape, columns, known) : planRows(clauses, shape, columns)
}

function checkShape({ select, windows, byKey, distinct, locks, limited, grouped, sorted }: ReadShape, { oneCollation }: Known): void {
  if (windows) throw unsupported('window functions over several shards are not possible')
  if (locks && limited) throw unsupported('rows of several shards cannot be locked with a LIMIT')
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') throw unsupported('WITH TIES over several shards is not possible')
  const isOn = (select.distinctClause ?? []).some((item) => Object.keys(item).length > 0)
  if (distinct && isOn && !byKey) throw unsupported('DISTINCT ON over several shards needs the sharding key')
  if (!sorted && !distinct && !grouped) return
  let collates = !oneCollation
  walk([select], (tag) => void (collates ||= tag === 'CollateClause'))
  if (collates) throw unsupported('rows of several shards can be compared by the collation of the database only')
}

/** The text was cut right when its parts, read alone, are what they are in the whole. */
function checkCut(clauses: Clauses, select: Select): void {
  const whole = [select.targetList, select.groupClause, select.sortClause]
  const group = itemsIn(clauses, 'group')
  const order = itemsIn(clauses, 'order')
  const having = clauseText(clauses, 'having')
  const text = [
    `SELECT ${itemsIn(clauses, 'list').join(', ')}`,
    group.length > 0 ? `GROUP BY ${group.join(', ')}` : '',
    having === '' ? '' : `HAVING ${having}`,
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
  ].join(' ')
  const [again] = parseText(text)
  const read = again && 'SelectStmt' in again.node ? again.node.SelectStmt : undefined
  const same =
    read && sameTree(whole, [read.targetList, read.groupClause, read.sortClause]) && sameTree(select.havingClause, read.havingClause)
  if (!same) throw unsupported('the clauses of this SELECT cannot be told apart')
}

/** No groups, or none that spans shards. */
function planRows(clauses: Clauses, shape: ReadShape, columns: readonly AnswerColumn[]): MergePlan {
  const { select } = shape
  const distinct = shape.distinct && !shape.byKey
  const items = sortItems(clauses, select, columns, shape.distinct)
  const helpers = items.flatMap(({ helper }) => (helper === null ? [] : [`(${helper})`]))
  const list = [clauseText(clauses, 'list'), ...helpers].join(', ')
  const order = shape.limited && shape.sorted ? `ORDER BY ${clauseText(clauses, 'order')}` : ''
  const { each, all } = limitsOf(select)
  const group = clauses.spans.group ? `GROUP BY ${clauseText(clauses, 'group')}` : ''
  const having = clauses.spans.having ? `HAVING ${clauseText(clauses, 'having')}` : ''
  const rest = [
    clauseText(clauses, 'from', 'where'),
    group,
    having,
    clauseText(clauses, 'window'),
    order,
    each,
    clauseText(clauses, 'locking'),
  ]
  const places = columns.map((_, i) => `p${i + 1}`).join(', ')
  return {
    partial: `${clauses.head}${list} ${rest.filter((part) => part !== '').join(' ')}`,
    combine: (from) => `SELECT ${distinct ? 'DISTINCT ' : ''}${places} FROM ${from} ${orderBy(items, columns.length)} ${all}`,
  }
}

function orderBy(items: readonly SortItem[], columns: number): string {
  let helpers = 0
  const parts = items.map(({ helper, place, direction }) => `p${helper === null ? place : columns + ++helpers}${direction}`)
  return parts.length === 0 ? '' : `ORDER BY ${parts.join(', ')}`
}

/** What one shard needs give at most, and the limits of the whole. */
export function limitsOf({ limitCount, limitOffset }: Select): { each: string; all: string } {
  const count = limitCount && limitText(limitCount)
  const offset = limitOffset && limitText(limitOffset)
  const all = `${count === undefined ? '' : `LIMIT ${count}`} ${offset === undefined ? '' : `OFFSET ${offset}`}`
  if (count === undefined) return { each: '', all }
  const most = `(${count})::pg_catalog.int8::pg_catalog.numeric + coalesce((${offset ?? '0'})::pg_catalog.int8, 0)`
  // A negative limit is refused where the whole is put together.
  return { each: `LIMIT greatest(least(${most}, 9223372036854775807), 0)::pg_catalog.int8`, all }
}

function limitText(node: Node): string {
  if ('ParamRef' in node) return `$${node.ParamRef.number}`
  if ('TypeCast' in node && node.TypeCast.arg) return limitText(node.TypeCast.arg)
  if ('A_Const' in node && node.A_Const.isnull) return 'NULL'
  if ('A_Const' in node && node.A_Const.ival) return String(node.A_Const.ival.ival ?? 0)
  const whole = 'A_Const' in node ? node.A_Const.fval?.fval : undefined
  if (whole !== undefined && /^\d+$/.test(whole)) return whole
  throw unsupported('LIMIT and OFFSET over several shards must be numbers or parameters')
}
