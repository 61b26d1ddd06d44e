/** Which server answers: primary or replica, told by the server itself; and a replica that is held behind. */
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import type { Trial } from '../kit.ts'

type Ways = Pick<Trial<'RW-001'>, 'stack' | 'connect'>

/** The server as columns of any SELECT or RETURNING. */
export const where = `pg_is_in_recovery() as replica, current_setting('port') as port, pg_backend_pid() as pid`

export interface Where {
  readonly replica: boolean
  readonly port: string
  readonly pid: number
}

/** Who answered; the statement must give the columns of `where`. A refusal is an assertion that fails. */
export async function askWhere(client: pg.Client, said: string | pg.QueryConfig): Promise<Where> {
  const { rows } = await answered(client.query<Where>(said as string), `${typeof said === 'string' ? said : said.text}`.slice(0, 80))
  const [row] = rows
  if (row === undefined) throw new Error('no server told who it is')
  return row
}

/** Superuser's connection to the primary (0) or a replica. */
export async function server({ stack }: Pick<Ways, 'stack'>, replica: number, scope: AsyncDisposableStack): Promise<pg.Client> {
  const client = new pg.Client({ ...stack.server(0, replica), connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  scope.defer(() => client.end().catch(() => {}))
  await client.connect()
  return client
}

/** Waits until a replica has replayed all that the primary has written. */
export async function caughtUp(primary: pg.Client, replica: pg.Client, limitMs = 10_000): Promise<void> {
  const { rows } = await primary.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')
  const sql = 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as there'
  for (const end = Date.now() + limitMs; Date.now() < end; await setTimeout(20)) {
    if ((await replica.query<{ there: boolean }>(sql, [rows[0]!.lsn])).rows[0]?.there) return
  }
  throw new Error(`a replica has not caught up within ${limitMs} ms`)
}

/** Replay stands still until the end of the scope. */
export async function holdBehind(replica: pg.Client): Promise<AsyncDisposable> {
  await replica.query('select pg_wal_replay_pause()')
  return { [Symbol.asyncDispose]: async () => void (await replica.query('select pg_wal_replay_resume()')) }
}

/** An empty table of items at the start and at the end. */
export async function emptyItems(primary: pg.Client): Promise<AsyncDisposable> {
  const empty = async () => void (await primary.query('truncate items'))
  await empty()
  return { [Symbol.asyncDispose]: empty }
}
