/** Statements that write: the table written, and what decides on which rows. */
import { unsupported } from '../refused.ts'
import type { Node } from '../sql/syntax.ts'
import type { Reading } from './reading.ts'
import { openLevel, type Level, type Source } from './scope.ts'

/** Any statement that writes; gives the level its conditions belong to and the table it writes. */
export function readWrite(reading: Reading, node: Node): { level: Level | null; target: Source; query: Level | null } {
  if ('InsertStmt' in node) {
    const { relation, selectStmt, onConflictClause, returningClause, withClause } = node.InsertStmt
    const query = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
    const read = reading.insert({ RangeVar: relation ?? {} }, query, [onConflictClause, returningClause], withClause)
    return { level: null, ...read }
  }
  const level = levelOfWrite(reading, node)
  return { level, target: level.sources[0] as Source, query: null }
}

function levelOfWrite(reading: Reading, node: Node): Level {
  if ('UpdateStmt' in node) {
    const { relation, fromClause, whereClause, targetList, returningClause, withClause } = node.UpdateStmt
    return reading.write({ RangeVar: relation ?? {} }, fromClause ?? [], whereClause, [targetList, returningClause], withClause)
  }
  if ('DeleteStmt' in node) {
    const { relation, usingClause, whereClause, returningClause, withClause } = node.DeleteStmt
    return reading.write({ RangeVar: relation ?? {} }, usingClause ?? [], whereClause, returningClause, withClause)
  }
  reading.writes = true
  if (reading.tables.isSingle) return openLevel(null)
  throw unsupported('a statement of this kind is not possible in a sharded database')
}
