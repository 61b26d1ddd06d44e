/** The outer form of a SELECT: what it does with its rows besides finding them. */
import type { Catalogue } from '../schema/tables.ts'
import { namesOf, walk, type Node } from '../sql/syntax.ts'

export type Select = Extract<Node, { SelectStmt: unknown }>['SelectStmt']
export type FunctionCall = Extract<Node, { FuncCall: unknown }>['FuncCall']

export const functionName = (call: FunctionCall): string => namesOf(call.funcname)?.at(-1) ?? ''

/** Calls of aggregate and window functions of this level: not those of sub-selects. */
export function aggregatesIn(select: Select, { aggregates }: Pick<Catalogue, 'aggregates'>): FunctionCall[] {
  return aggregateCalls([select.targetList, select.havingClause, select.sortClause], aggregates)
}

export function aggregateCalls(value: unknown, aggregates: ReadonlySet<string>): FunctionCall[] {
  const calls: FunctionCall[] = []
  walk([value], (tag, node) => {
    const call = node as FunctionCall
    if (tag === 'FuncCall' && (call.over || aggregates.has(functionName(call)))) calls.push(call)
    return tag !== 'SubLink' && tag !== 'SelectStmt'
  })
  return calls
}

/** What a GROUP BY, DISTINCT or ORDER BY item says: a number stands for a place in the list, a name for what is called so there. */
export function listed(node: Node, select: Select): Node | undefined {
  const targets = (select.targetList ?? []).flatMap((target) => ('ResTarget' in target ? [target.ResTarget] : []))
  if ('A_Const' in node && node.A_Const.ival) return targets[(node.A_Const.ival.ival ?? 0) - 1]?.val
  return node
}

/**
 * Whether the rows of each key could be computed apart from all others: `byKey` tells whether one of some expressions is the sharding key.
 */
export function transparencyOf(
  select: Select,
  aggregates: readonly FunctionCall[],
  byKey: (nodes: readonly (Node | undefined)[]) => boolean,
): boolean {
  if (select.op !== 'SETOP_NONE' || select.limitCount || select.limitOffset || select.lockingClause || select.valuesLists) return false
  if (aggregates.some(({ over }) => over)) return false
  const grouped = (select.groupClause ?? []).length > 0 || aggregates.length > 0 || select.havingClause !== undefined
  if (grouped && !isGroupedByKey(select, byKey)) return false
  return select.distinctClause === undefined || isDistinctByKey(select, byKey)
}

export function isGroupedByKey(select: Select, byKey: (nodes: readonly (Node | undefined)[]) => boolean): boolean {
  return byKey((select.groupClause ?? []).map((item) => listed(item, select)))
}

/** Plain DISTINCT has one empty item. */
export function isDistinctByKey(select: Select, byKey: (nodes: readonly (Node | undefined)[]) => boolean): boolean {
  const on = (select.distinctClause ?? []).filter((item) => Object.keys(item).length > 0)
  const nodes =
    on.length > 0
      ? on.map((item) => listed(item, select))
      : (select.targetList ?? []).map((target) => ('ResTarget' in target ? target.ResTarget.val : undefined))
  return byKey(nodes)
}
