/** How the rows that several shards give for one SELECT become its answer. */
import type { Node, Parsed } from '../sql/syntax.ts'
import type { Level } from './scope.ts'
import type { Reading } from './reading.ts'
import { aggregatesIn, isDistinctByKey, isGroupedByKey, type FunctionCall, type Select } from './shape.ts'

export interface ReadShape {
  readonly select: Select
  readonly parsed: Parsed
  /** Groups, or distinct rows, never span shards. */
  readonly byKey: boolean
  readonly grouped: boolean
  readonly distinct: boolean
  /** Window functions whose partitions may span shards. */
  readonly windows: boolean
  readonly sorted: boolean
  readonly limited: boolean
  readonly locks: boolean
  /** Whether it is the sharding key: equal ones are on one shard. */
  readonly isKey: (node: Node | undefined) => boolean
  /** Whether a name is one of a column of the tables; null when nobody knows. */
  readonly isInput: (name: string) => boolean | null
}

export function readShape(select: Select, level: Level, parsed: Parsed, reading: Reading): ReadShape {
  const { tables } = reading
  const calls = aggregatesIn(select, tables.catalogue)
  const isKey = (node: Node | undefined): boolean => reading.isKey(node, level)
  const byKey = (nodes: readonly (Node | undefined)[]): boolean => nodes.some(isKey)
  const grouped = (select.groupClause ?? []).length > 0 || select.havingClause !== undefined || calls.some(({ over }) => !over)
  const distinct = select.distinctClause !== undefined
  return {
    select,
    parsed,
    grouped,
    distinct,
    byKey: (!grouped || isGroupedByKey(select, byKey)) && (!distinct || isDistinctByKey(select, byKey)),
    windows: calls.some(({ over }) => over && !byKey(partitionOf(over, select.windowClause ?? []))),
    sorted: select.sortClause !== undefined,
    limited: select.limitCount !== undefined || select.limitOffset !== undefined,
    locks: select.lockingClause !== undefined,
    isKey,
    isInput: (name) => {
      const having = level.sources.map(({ table }) => (table === null ? null : tables.hasColumn(table, name)))
      return having.includes(true) ? true : having.includes(null) ? null : false
    },
  }
}

/** What a window is partitioned by: written with the call, or with the name of the window it uses. */
function partitionOf(over: NonNullable<FunctionCall['over']>, windowClause: readonly Node[]): readonly Node[] {
  if (over.partitionClause) return over.partitionClause
  const name = over.name ?? over.refname
  const named = windowClause.find((item) => 'WindowDef' in item && item.WindowDef.name === name)
  if (!named || !('WindowDef' in named)) return []
  const { partitionClause, refname } = named.WindowDef
  return partitionClause ?? (refname === undefined ? [] : partitionOf({ name: refname }, windowClause))
}
