/** PREPARE, EXECUTE and DEALLOCATE by SQL in a sharded database: a statement is routed each time it is executed, by the values it has then. */
import { readArguments, readPrepare, withArguments } from '../client/sql-statements.ts'
import { Refused, unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import { parseText, type Node } from '../sql/syntax.ts'
import type { Crew } from './crew.ts'

/** Keeps the statement; that it means something is found out when it is executed. */
export function prepare(crew: Crew, { parsed }: Analysis): void {
  if (!('PrepareStmt' in parsed.node)) throw new RangeError('no PREPARE')
  const { statements } = crew
  const name = nameOf(parsed.node.PrepareStmt.name)
  if (statements.get(name)) throw new Refused('ERROR', '42P05', `prepared statement "${name}" already exists`)
  statements.sql.add(name, readPrepare(parsed.text))
  crew.complete('PREPARE')
}

/** The statement that an EXECUTE stands for. Throws a Refused. */
export async function executed(crew: Crew, { parsed }: Analysis): Promise<Analysis> {
  if (!('ExecuteStmt' in parsed.node)) throw new RangeError('no EXECUTE')
  const { name, params = [] } = parsed.node.ExecuteStmt
  const own = nameOf(name)
  if (crew.statements.get(own))
    throw unsupported('EXECUTE of a statement that was prepared by protocol is not possible in a sharded database')
  const statement = crew.statements.sql.get(own)
  if (params.length !== statement.types.length)
    throw new Refused('ERROR', '42601', `wrong number of parameters for prepared statement "${own}": expected ${statement.types.length} but got ${params.length}`) // prettier-ignore
  // Whatever is computed might come to something else at each place it is put in.
  if (!params.every(isConstant)) throw unsupported('EXECUTE in a sharded database takes constants only')
  const [only] = parseText(withArguments(statement, readArguments(parsed.text)))
  if (!only) throw new RangeError('an empty statement was prepared')
  return crew.domain.book.understand(only)
}

export function deallocate(crew: Crew, { parsed }: Analysis): void {
  if (!('DeallocateStmt' in parsed.node)) throw new RangeError('no DEALLOCATE')
  const { statements } = crew
  const { name, isall } = parsed.node.DeallocateStmt
  if (isall || name === undefined) {
    statements.clear()
    return crew.complete('DEALLOCATE ALL')
  }
  const own = nameOf(name)
  if (statements.get(own)) statements.delete(own)
  else statements.sql.delete(own)
  crew.complete('DEALLOCATE')
}

const isConstant = (node: Node): boolean =>
  'TypeCast' in node ? node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg) : 'A_Const' in node

/** As statements prepared by protocol are called: a character a byte. */
const nameOf = (name: string | undefined): string => Buffer.from(name ?? '', 'utf8').toString('latin1')
