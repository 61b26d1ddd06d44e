/** How the rows that several shards give for one SELECT become its answer. */
import type { Parsed } from '../sql/syntax.ts'
import { isKey, type Level } from './scope.ts'
import type { Reading } from './reading.ts'
import { aggregatesIn, isDistinctByKey, isGroupedByKey, type Select } from './shape.ts'

export interface ReadShape {
  readonly select: Select
  readonly parsed: Parsed
  /** Groups, or distinct rows, never span shards. */
  readonly byKey: boolean
  readonly grouped: boolean
  readonly distinct: boolean
  readonly windows: boolean
  readonly sorted: boolean
  readonly limited: boolean
  readonly locks: boolean
}

export function readShape(select: Select, level: Level, parsed: Parsed, { names, tables }: Reading): ReadShape {
  const calls = aggregatesIn(select, tables.catalogue)
  const byKey = (nodes: Parameters<Parameters<typeof isGroupedByKey>[1]>[0]): boolean =>
    nodes.some((node) => {
      const column = names.resolve(node, level)
      return column !== null && isKey(column)
    })
  const grouped = (select.groupClause ?? []).length > 0 || select.havingClause !== undefined || calls.some(({ over }) => !over)
  const distinct = select.distinctClause !== undefined
  return {
    select,
    parsed,
    grouped,
    distinct,
    byKey: (!grouped || isGroupedByKey(select, byKey)) && (!distinct || isDistinctByKey(select, byKey)),
    windows: calls.some(({ over }) => over),
    sorted: select.sortClause !== undefined,
    limited: select.limitCount !== undefined || select.limitOffset !== undefined,
    locks: select.lockingClause !== undefined,
  }
}
