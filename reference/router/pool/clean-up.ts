/** What happens to a server connection between two clients: its parameters are read for the one who leaves, and everything he set is undone. */
import type { Logger } from 'pino'
import { ServerLost, type ServerConnection } from '../server/connection.ts'
import type { Ran } from '../server/collector.ts'
import { bringToRest } from './abandon.ts'
import { placeOf } from '../server/target.ts'

/** The statements that undo whatever a client may have left; each runs as a transaction of its own. */
export type CleanUp = (cleanQuery: string | undefined) => readonly string[]

/**
 * Everything DISCARD ALL does but dropping prepared statements (they are kept under names of the router, and counted) and cached plans.
 * CLOSE ALL first, since closing a cursor may run functions of the client; then the identity, which everything after needs.
 */
export const discardSession: CleanUp = (cleanQuery) => [
  cleanQuery ??
    [
      'CLOSE ALL',
      'RESET ROLE',
      'SET SESSION AUTHORIZATION DEFAULT',
      'RESET ALL',
      'UNLISTEN *',
      'SELECT pg_catalog.pg_advisory_unlock_all()',
      'DISCARD TEMP',
      'DISCARD SEQUENCES',
    ].join('; '),
]

/** Prepared statements by SQL, and by protocol: the second must be as many as the router knows of. */
const countSql =
  'SELECT pg_catalog.count(*) FILTER (WHERE from_sql), pg_catalog.count(*) FILTER (WHERE NOT from_sql) FROM pg_catalog.pg_prepared_statements'

export interface Leave {
  readonly connection: ServerConnection
  /** Asked for before anything is undone; null when the client can have changed nothing. */
  readonly readSql: string | null
  readonly statements: readonly string[]
  readonly deadlineMs: number
  readonly log: Logger
}

/**
 * Cleans the connection; gives what `readSql` brought, or null when there was nothing to ask or it could not be read.
 * A connection that could not be cleaned is destroyed: see `connection.lost`.
 */
export async function cleanConnection(leave: Leave): Promise<Ran | null> {
  const { connection, log } = leave
  try {
    await connection.cancelsDone()
    await bringToRest(connection, leave.deadlineMs)
    return await readAndClean(leave)
  } catch (error) {
    refuseToReuse(connection, log, (error as Error).message)
    return null
  }
}

async function readAndClean({ connection, readSql, statements, deadlineMs, log }: Leave): Promise<Ran | null> {
  const asked = readSql === null ? [] : [readSql]
  const ran = await connection.run([...asked, ...statements, countSql], deadlineMs)
  const read = ran[asked.length - 1] ?? null
  const failed = ran.slice(asked.length).find((one) => one.error)?.error
  if (failed) refuseToReuse(connection, log, failed.get('M') ?? '')
  else if (connection.status !== 'I') refuseToReuse(connection, log, 'the clean-up left a transaction open')
  else await dropStatements(connection, ran.at(-1), deadlineMs)
  return read?.error ? null : read
}

function refuseToReuse(connection: ServerConnection, log: Logger, reason: string): void {
  log.warn({ server: placeOf(connection.target), reason }, 'a server connection could not be cleaned and is closed')
  connection.destroy(reason)
}

/** A client may have prepared or dropped statements where the router could not see it. */
async function dropStatements(connection: ServerConnection, count: Ran | undefined, deadlineMs: number): Promise<void> {
  const [bySql, byProtocol] = count?.rows[0] ?? []
  connection.statements.unnamed = null
  if (bySql === '0' && Number(byProtocol) === connection.statements.size) return
  connection.statements.clear()
  if (bySql === '0' && byProtocol === '0') return
  const [dropped] = await connection.run(['DEALLOCATE ALL'], deadlineMs)
  if (dropped?.error) throw new ServerLost('prepared statements could not be dropped')
}
