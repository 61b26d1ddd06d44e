/** What kind of statement it is, by the node PostgreSQL's parser makes of it. */
import { unsupported } from '../refused.ts'
import type { Tables } from '../schema/tables.ts'
import { walk, type Node } from '../sql/syntax.ts'
import { functionName, type FunctionCall } from './shape.ts'

export type Kind =
  | 'read'
  | 'write'
  /** BEGIN, COMMIT, SAVEPOINT, … */
  | 'transaction'
  /** Changes or shows the session: any one server will do, in a transaction every one that takes part. */
  | 'session'
  | 'copy'
  | 'explain'
  | 'cursor'
  /** FETCH, MOVE, CLOSE. */
  | 'fetch'
  | 'prepare'
  | 'execute'
  | 'deallocate'
  /** To be done on every shard, in a transaction. */
  | 'ddl'
  /** To be done on every shard, outside of a transaction. */
  | 'maintenance'
  /** For shard 0. */
  | 'home'

const kinds: Readonly<Record<string, Kind>> = {
  InsertStmt: 'write',
  UpdateStmt: 'write',
  DeleteStmt: 'write',
  TransactionStmt: 'transaction',
  VariableSetStmt: 'session',
  VariableShowStmt: 'session',
  DiscardStmt: 'session',
  DeallocateStmt: 'deallocate',
  ConstraintsSetStmt: 'session',
  ListenStmt: 'home',
  UnlistenStmt: 'home',
  NotifyStmt: 'home',
  CopyStmt: 'copy',
  ExplainStmt: 'explain',
  DeclareCursorStmt: 'cursor',
  FetchStmt: 'fetch',
  ClosePortalStmt: 'fetch',
  PrepareStmt: 'prepare',
  ExecuteStmt: 'execute',
  VacuumStmt: 'maintenance',
  CheckPointStmt: 'maintenance',
  ReindexStmt: 'maintenance',
}

const never: Readonly<Record<string, string>> = {
  MergeStmt: 'MERGE',
  DoStmt: 'DO, which may write to any shard,',
  CallStmt: 'CALL, which may write to any shard,',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  AlterDatabaseStmt: 'ALTER DATABASE',
  AlterDatabaseSetStmt: 'ALTER DATABASE',
  AlterSystemStmt: 'ALTER SYSTEM',
  CreateRoleStmt: 'CREATE ROLE, which belongs to a whole server,',
  AlterRoleStmt: 'ALTER ROLE, which belongs to a whole server,',
  AlterRoleSetStmt: 'ALTER ROLE, which belongs to a whole server,',
  DropRoleStmt: 'DROP ROLE, which belongs to a whole server,',
  GrantRoleStmt: 'GRANT of a role, which belongs to a whole server,',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
}

/** Throws a Refused for what a sharded database cannot have. */
export function classify(node: Node, tables: Tables): Kind {
  const tag = Object.keys(node)[0] ?? ''
  if (tables.isSingle) return kindOfSingle(node, kinds[tag])
  const refused = never[tag]
  if (refused !== undefined) throw unsupported(`${refused} is not possible in a sharded database`)
  if ('SelectStmt' in node) return setsParameter(node) ? 'session' : 'read'
  return kinds[tag] ?? definition(node, tables)
}

const ofSession: ReadonlySet<Kind> = new Set(['transaction', 'session', 'explain', 'prepare', 'execute', 'deallocate'])

/** One shard does everything as it is; only what belongs to transactions and sessions is the router's business. */
function kindOfSingle(node: Node, kind: Kind | undefined): Kind {
  if ('SelectStmt' in node) return node.SelectStmt.intoClause ? 'home' : setsParameter(node) ? 'session' : 'read'
  return kind !== undefined && ofSession.has(kind) ? kind : 'home'
}

/** SELECT set_config(…) without tables. */
function setsParameter(node: Extract<Node, { SelectStmt: unknown }>): boolean {
  let found = false
  walk(
    [node.SelectStmt.targetList],
    (tag, call) => void (found ||= tag === 'FuncCall' && functionName(call as FunctionCall) === 'set_config'),
  )
  return found && !node.SelectStmt.fromClause
}

function definition(node: Node, tables: Tables): Kind {
  if (isTemporary(node)) return 'home'
  if ('CreateTableAsStmt' in node) checkCreateAs(node, tables)
  if ('IndexStmt' in node && node.IndexStmt.concurrent) return 'maintenance'
  if ('DropStmt' in node && node.DropStmt.concurrent) return 'maintenance'
  return 'ddl'
}

function isTemporary(node: Node): boolean {
  const relation = Object.values(node)[0] as {
    relation?: { relpersistence?: string }
    sequence?: { relpersistence?: string }
    view?: { relpersistence?: string }
    into?: { rel?: { relpersistence?: string } }
  }
  return [relation.relation, relation.sequence, relation.view, relation.into?.rel].some((one) => one?.relpersistence === 't')
}

function checkCreateAs(node: Node, tables: Tables): void {
  walk([node], (tag, inner) => {
    const { schemaname, relname } = inner as { schemaname?: string; relname?: string }
    if (tag === 'RangeVar' && ['sharded', 'view'].includes(tables.place(schemaname, relname ?? '').kind)) {
      throw unsupported('CREATE TABLE AS from sharded tables is not possible')
    }
  })
}
