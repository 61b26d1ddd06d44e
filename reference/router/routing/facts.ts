/** What the conditions of a statement say about sharding keys: which are given, and which are equal to one another. */
import type { Node } from '../sql/syntax.ts'
import { keyArrayOf, keySourceOf, type KeySource } from './key-source.ts'
import { isKey, type Column, type Level, type Names, type Source } from './scope.ts'

export interface Facts {
  /** Only rows with one of these keys matter. */
  readonly pins: { readonly source: Source; readonly keys: readonly KeySource[] }[]
  /** Where `from` has a key, only rows of `to` with the same key matter. */
  readonly links: { readonly from: Source; readonly to: Source }[]
}

/** A condition, and the sources whose rows it leaves out when it does not hold. */
export interface Condition {
  readonly node: Node | undefined
  readonly level: Level
  readonly filters: (source: Source) => boolean
}

export function noteCondition(condition: Condition, names: Names, facts: Facts): void {
  for (const part of conjuncts(condition.node)) {
    noteEquality(part, condition, names, facts)
    for (const [source, keys] of pinsOf(part, condition, names)) facts.pins.push({ source, keys })
  }
}

export function conjuncts(node: Node | undefined): Node[] {
  if (!node) return []
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') return (node.BoolExpr.args ?? []).flatMap(conjuncts)
  return [node]
}

/** Both sides of `a = b` with the plain operator. */
export function sidesOf(node: Node, kind: string): { left: Node | undefined; right: Node | undefined } | null {
  if (!('A_Expr' in node) || node.A_Expr.kind !== kind) return null
  const { name, lexpr, rexpr } = node.A_Expr
  const [operator] = name ?? []
  const plain = name?.length === 1 && operator && 'String' in operator && operator.String.sval === '='
  return plain ? { left: lexpr, right: rexpr } : null
}

function noteEquality(node: Node, { level, filters }: Condition, names: Names, facts: Facts): void {
  const sides = sidesOf(node, 'AEXPR_OP')
  const left = sides && keyColumn(names.resolve(sides.left, level))
  const right = sides && keyColumn(names.resolve(sides.right, level))
  if (left && right) link(left, right, filters, facts)
}

/** Keys of different types hash differently: their equality says nothing. */
export function link(left: Column, right: Column, filters: (source: Source) => boolean, facts: Facts): void {
  if (typeOf(left) !== typeOf(right)) return
  if (filters(right.via)) facts.links.push({ from: left.of, to: right.of })
  if (filters(left.via)) facts.links.push({ from: right.of, to: left.of })
}

export const keyColumn = (column: Column | null): Column | null => (column && isKey(column) ? column : null)

const typeOf = ({ of }: Column): string | null => (of.placement?.kind === 'sharded' ? of.placement.table.type : null)

function pinsOf(node: Node, condition: Condition, names: Names): Map<Source, readonly KeySource[]> {
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') {
    return new Map((node.BoolExpr.args ?? []).flatMap((part) => [...pinsOf(part, condition, names)]))
  }
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'OR_EXPR') return pinsOfAny(node.BoolExpr.args ?? [], condition, names)
  const equal = sidesOf(node, 'AEXPR_OP')
  if (equal)
    return pinned(
      [
        [equal.left, equal.right],
        [equal.right, equal.left],
      ],
      condition,
      names,
    )
  const among = sidesOf(node, 'AEXPR_IN') ?? sidesOf(node, 'AEXPR_OP_ANY')
  return among ? pinnedAmong(among.left, among.right, condition, names) : new Map()
}

/** A OR B pins what both pin, to the keys of either. */
function pinsOfAny(parts: readonly Node[], condition: Condition, names: Names): Map<Source, readonly KeySource[]> {
  const [first, ...others] = parts.map((part) => pinsOf(part, condition, names))
  const common = [...(first ?? [])].filter(([source]) => others.every((other) => other.has(source)))
  return new Map(common.map(([source, keys]) => [source, [...keys, ...others.flatMap((other) => other.get(source) ?? [])]]))
}

type Pair = readonly [column: Node | undefined, value: Node | undefined]

function pinned(pairs: readonly Pair[], { level, filters }: Condition, names: Names): Map<Source, readonly KeySource[]> {
  for (const [node, value] of pairs) {
    const column = keyColumn(names.resolve(node, level))
    const type = column && typeOf(column)
    const key = type && keySourceOf(value, type as 'text')
    if (column && key && filters(column.via)) return new Map([[column.of, [key]]])
  }
  return new Map()
}

function pinnedAmong(
  node: Node | undefined,
  list: Node | undefined,
  { level, filters }: Condition,
  names: Names,
): Map<Source, readonly KeySource[]> {
  const column = keyColumn(names.resolve(node, level))
  if (!column || !filters(column.via)) return new Map()
  const array = keyArrayOf(list, typeOf(column) as 'text')
  if (array) return new Map([[column.of, [array]]])
  const items = list && ('List' in list ? list.List.items : 'A_ArrayExpr' in list ? list.A_ArrayExpr.elements : undefined)
  if (!items) return new Map()
  const keys = items.map((item) => keySourceOf(item, typeOf(column) as 'text'))
  return keys.includes(null) ? new Map() : new Map([[column.of, keys as KeySource[]]])
}
