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

/** One row, one value, one letter for each prepared statement: `{f,t}`; t is one prepared by SQL. (Aggregates would take twice the time.) */
const listSql = 'SELECT ARRAY(SELECT from_sql FROM pg_catalog.pg_prepared_statements)'

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
    giveUp(connection, log, error as Error)
    return null
  }
}

async function readAndClean({ connection, readSql, statements, deadlineMs, log }: Leave): Promise<Ran | null> {
  const asked = readSql === null ? [] : [readSql]
  const ran = await connection.run([...asked, ...statements, listSql], deadlineMs)
  const read = ran[asked.length - 1] ?? null
  const failed = ran.slice(asked.length).find((one) => one.error)?.error
  if (failed) giveUp(connection, log, new ServerLost(failed.get('M') ?? '', (failed.get('V') ?? failed.get('S')) !== 'FATAL'))
  else if (connection.status !== 'I') giveUp(connection, log, new Error('the clean-up left a transaction open'))
  else await dropStatements(connection, ran.at(-1), deadlineMs)
  return read?.error ? null : read
}

/** That servers end connections is their business; that one cannot be cleaned is worth a look. */
function giveUp(connection: ServerConnection, log: Logger, error: Error): void {
  const ended = error instanceof ServerLost && !error.givenUp
  log[ended ? 'info' : 'warn'](
    { server: placeOf(connection.target), reason: error.message },
    'a server connection was not clean and is closed',
  )
  connection.destroy(error.message)
}

/** A client may have prepared or dropped statements where the router could not see it. */
async function dropStatements(connection: ServerConnection, listed: Ran | undefined, deadlineMs: number): Promise<void> {
  const list = listed?.rows[0]?.[0] ?? ''
  const { statements } = connection
  statements.unnamed = null
  if (!statements.outdated && !list.includes('t') && list.split('f').length - 1 === statements.size) return
  statements.clear()
  if (list === '{}') return
  const [dropped] = await connection.run(['DEALLOCATE ALL'], deadlineMs)
  if (dropped?.error) throw new ServerLost('prepared statements could not be dropped', true)
}
