/** What a statement is and where it may go, found out once per text: the values of parameters are looked at later. */
import { unsupported } from '../refused.ts'
import type { Catalogue, ShardedTable, Tables } from '../schema/tables.ts'
import { walk, type Node, type Parsed } from '../sql/syntax.ts'
import { classify, type Kind } from './kinds.ts'
import { keySourceOf, type KeySource } from './key-source.ts'
import { readInsert, type InsertShape } from './insert.ts'
import { Reading } from './reading.ts'
import { readWrite } from './writing.ts'
import { type Level, type Source } from './scope.ts'
import { readShape, type ReadShape } from './read-shape.ts'
import { functionName, type FunctionCall } from './shape.ts'

/** One use of a sharded table: any of the alternatives, when it can be read, names all keys that matter. */
export interface ShardedUse {
  readonly table: ShardedTable
  readonly alternatives: readonly (readonly KeySource[])[]
}

export interface Analysis {
  readonly parsed: Parsed
  readonly kind: Kind
  readonly uses: readonly ShardedUse[]
  /** It needs tables that live on shard 0 only, or what only one place may do. */
  readonly home: boolean
  /** It reads or writes a table that is the same everywhere. */
  readonly reference: boolean
  /** Written tables are the same everywhere: it has to be done everywhere. */
  readonly everywhere: boolean
  /** Why it cannot be answered by several shards; null when it can. */
  readonly problem: string | null
  /** A standby can answer it. */
  readonly readOnly: boolean
  /** A comment asks for the primary. */
  readonly prefersPrimary: boolean
  /** How the rows of several shards become one answer. */
  readonly shape: ReadShape | null
  readonly insert: InsertShape | null
  /** UPDATE gives the key this value. */
  readonly newKey: { readonly table: ShardedTable; readonly key: KeySource | null } | null
}

/** Throws a Refused for what can never be done. */
export function analyse(parsed: Parsed, tables: Tables): Analysis {
  const kind = classify(parsed.node, tables)
  const plain = { parsed, kind, uses: [], home: kind === 'home', reference: false, everywhere: false, problem: null, readOnly: false }
  const none = { ...plain, prefersPrimary: asksForPrimary.test(parsed.lead + parsed.text), shape: null, insert: null, newKey: null }
  if (kind !== 'read' && kind !== 'write' && kind !== 'cursor' && kind !== 'explain') return none
  return { ...none, ...analyseQuery(queryIn(parsed.node), parsed, tables, kind) }
}

/** As PgDog understands it, too. */
const asksForPrimary = /\/\*\s*(?:orochi|pgdog)_role:\s*primary\s*\*\//

/** The statement inside of EXPLAIN and DECLARE. */
function queryIn(node: Node): Node {
  if ('ExplainStmt' in node) return node.ExplainStmt.query ?? node
  if ('DeclareCursorStmt' in node) return node.DeclareCursorStmt.query ?? node
  return node
}

function analyseQuery(node: Node, parsed: Parsed, tables: Tables, kind: Kind): Partial<Analysis> {
  const reading = new Reading(tables)
  const read = readAny(reading, node)
  for (const { placement, table } of reading.sources) {
    if (placement?.kind === 'view') throw unsupported(`the view ${table} stands on sharded tables, which several shards cannot answer`)
  }
  const functions = functionsIn(node)
  const unsafe = functions.some((name) => tables.catalogue.isVolatile(name) && !harmless.has(name))
  const home = reading.sources.some(({ placement }) => placement?.kind === 'home')
  const sharded = reading.sources.filter(({ placement }) => placement?.kind === 'sharded')
  const reference = reading.sources.some(({ placement }) => placement?.kind === 'reference')
  const everywhere = read.target?.placement?.kind === 'reference'
  if (everywhere) checkEverywhere(node, functions, sharded.length > 0 || home, tables)
  const insert = 'InsertStmt' in node && read.target ? readInsert(node.InsertStmt, parsed, read.target, read.query, reading) : null
  const shape = 'SelectStmt' in node && read.level ? readShape(node.SelectStmt, read.level, parsed, reading) : null
  const isUnsafeSelect = unsafe && sharded.length === 0 && !reference
  return {
    uses: usesOf(insert?.rows ? sharded.slice(1) : sharded, reading),
    home: home || isUnsafeSelect,
    reference,
    everywhere,
    problem: problemOf(reading, sharded, read.target, insert),
    readOnly: 'SelectStmt' in node && !reading.writes && !unsafe && (kind === 'read' || kind === 'explain'),
    shape,
    insert,
    newKey: newKeyOf(node, read.target),
  }
}

function readAny(reading: Reading, node: Node): { level: Level | null; target: Source | null; query: Level | null } {
  if ('SelectStmt' in node) return { level: reading.select(node.SelectStmt, null, false), target: null, query: null }
  return readWrite(reading, node)
}

function usesOf(sharded: readonly Source[], { facts }: Reading): ShardedUse[] {
  return sharded.map((source) => {
    const reaching = new Set([source])
    for (const one of reaching) for (const { from, to } of facts.links) if (to === one) reaching.add(from)
    const alternatives = facts.pins.filter((pin) => reaching.has(pin.source)).map(({ keys }) => keys)
    return { table: tableOf(source), alternatives }
  })
}

const tableOf = (source: Source): ShardedTable => {
  if (source.placement?.kind !== 'sharded') throw new RangeError('the source is not sharded')
  return source.placement.table
}

/** Several shards can answer when every row that meets another lies on the same shard. */
function problemOf(reading: Reading, sharded: readonly Source[], target: Source | null, insert: InsertShape | null): string | null {
  if (insert?.problem) return insert.problem
  const [problem] = reading.problems
  if (problem !== undefined) return problem
  const first = target ? sharded.find((source) => source === target) : sharded.find((source) => !source.inExpression)
  if (sharded.length > 0 && !first) return 'sub-selects of sharded tables for rows that are not sharded'
  if (!first) return null
  const together = new Set([first])
  for (const one of together) for (const { from, to } of reading.facts.links) if (from === one) together.add(to)
  return sharded.every((source) => together.has(source)) ? null : 'tables that are not joined by their sharding keys'
}

function newKeyOf(node: Node, target: Source | null): Analysis['newKey'] {
  if (target?.placement?.kind !== 'sharded') return null
  const { table } = target.placement
  const targets =
    'UpdateStmt' in node ? node.UpdateStmt.targetList : 'InsertStmt' in node ? node.InsertStmt.onConflictClause?.targetList : undefined
  for (const item of targets ?? []) {
    if ('ResTarget' in item && item.ResTarget.name === table.column) return { table, key: keySourceOf(item.ResTarget.val, table.type) }
  }
  return null
}

function functionsIn(node: Node): string[] {
  const names: string[] = []
  walk([node], (tag, inner) => {
    if (tag === 'FuncCall') names.push(functionName(inner as FunctionCall))
    if (tag === 'SQLValueFunction') names.push('now')
  })
  return names
}

/** Volatile, but they change nothing, and a standby has them too. */
const harmless: ReadonlySet<string> = new Set(
  `random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday pg_sleep pg_sleep_for pg_sleep_until pg_is_in_recovery
   pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_database_size pg_relation_size pg_table_size
   pg_indexes_size pg_total_relation_size pg_tablespace_size txid_current_if_assigned pg_current_xact_id_if_assigned`.split(/\s+/),
)

const times: ReadonlySet<string> = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'pg_backend_pid'])

/** What is done on every shard must come to the same there. */
function checkEverywhere(node: Node, functions: readonly string[], readsOthers: boolean, tables: Tables): void {
  if (readsOthers) throw unsupported('a reference table cannot be written from tables that are not the same on every shard')
  const unstable = functions.find((name) => tables.catalogue.isVolatile(name) || times.has(name))
  if (unstable !== undefined)
    throw unsupported(`${unstable}() could give each shard another value: a reference table is to be written with values`)
  if ('InsertStmt' in node) checkDefaults(node.InsertStmt, tables.catalogue)
}

function checkDefaults({ relation, cols, selectStmt }: Extract<Node, { InsertStmt: unknown }>['InsertStmt'], catalogue: Catalogue): void {
  const given = new Set((cols ?? []).flatMap((item) => ('ResTarget' in item ? [item.ResTarget.name ?? ''] : [])))
  const columns = catalogue.columns.get(relation?.relname ?? '') ?? []
  let defaults = selectStmt === undefined
  walk([selectStmt], (tag) => void (defaults ||= tag === 'SetToDefault'))
  const unstable = columns.find((column) => column.unstableDefault && (defaults || (cols !== undefined && !given.has(column.name))))
  if (unstable)
    throw unsupported(`the default of ${unstable.name} could give each shard another value: a reference table is to be written with values`)
}
