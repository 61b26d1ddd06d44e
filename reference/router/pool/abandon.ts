/** Brings a connection to rest whose client has gone in the middle of something: what runs is cancelled, what is open is rolled back. */
import { encodeFrontend } from '../../wire/index.ts'
import { ServerLost, type ServerConnection } from '../server/connection.ts'

const inTransaction = (connection: ServerConnection): boolean => connection.status !== 'I'

const nobody = (): void => {}

const copyFail = encodeFrontend({ kind: 'copy-fail', reason: 'the client has gone' })

/** Afterwards no transaction is open and nothing is in flight. Rejects, or the connection is lost, when that cannot be reached in time. */
export async function bringToRest(connection: ServerConnection, deadlineMs: number): Promise<void> {
  if (!connection.replies.quiet) await Promise.all([connection.cancel(deadlineMs), synchronise(connection, deadlineMs)])
  if (!inTransaction(connection)) return
  const [rolledBack] = await connection.run(['ROLLBACK'], deadlineMs)
  if (rolledBack?.error || inTransaction(connection)) throw new ServerLost('a transaction could not be rolled back', true)
}

/** A Sync is answered when everything before it is, whatever that was; a server that reads copy data must be told that there is no more. */
async function synchronise(connection: ServerConnection, deadlineMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const unwatch = connection.onLost(reject)
  const timer = setTimeout(() => connection.destroy(`still busy ${deadlineMs} ms after its client had gone`), deadlineMs)
  try {
    if (connection.replies.copyIn) connection.send({ kind: 'copy-end', receive: nobody }, copyFail)
    connection.send({ kind: 'sync', receive: () => connection.replies.quiet && resolve() }, encodeFrontend({ kind: 'sync' }))
    await promise
  } finally {
    clearTimeout(timer)
    unwatch()
  }
}
