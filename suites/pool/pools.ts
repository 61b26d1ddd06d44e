/** The pool as Postgres sees it, and clients that hold its connections. */
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import type { Login } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'

type Ways = Pick<Trial<'POOL-001'>, 'stack' | 'mint' | 'connect'>

/** Server connections of a user in a database, by process id, told by the server. */
export async function serversOf(direct: pg.Client, { user, database }: Pick<Login, 'user' | 'database'>): Promise<readonly number[]> {
  const sql = `select pid from pg_stat_activity where usename = $1 and datname = $2 and backend_type = 'client backend' order by 1`
  return (await direct.query<{ pid: number }>(sql, [user, database])).rows.map(({ pid }) => pid)
}

/** Looks until it is so and gives what was seen last. */
export async function seen<T>(look: () => Promise<T>, wanted: (value: T) => boolean, limitMs: number): Promise<T> {
  for (const end = Date.now() + limitMs; ; await setTimeout(25)) {
    const value = await look()
    if (wanted(value) || Date.now() > end) return value
  }
}

export interface Who {
  /** The role in the token, as clients log in. */
  readonly user?: string
  /** The host name's branch. */
  readonly tls?: { readonly servername: string; readonly checkServerIdentity: () => undefined }
}

/** Clients that are logged in; a login needs no server connection for long. */
export async function clients({ mint, connect }: Ways, count: number, who: Who = {}): Promise<readonly pg.Client[]> {
  const token = await mint(who.user === undefined ? {} : { claims: { role: who.user } })
  return Promise.all(Array.from({ length: count }, () => answered(connect({ token, ...who }), 'a login')))
}

/** Opens a transaction: from now on a server connection is the client's alone. Gives its process id. */
export async function hold(client: pg.Client): Promise<number> {
  await answered(client.query('begin'), 'begin')
  return pidOf(client)
}

export async function pidOf(client: pg.Client): Promise<number> {
  return (await answered(client.query<{ pid: number }>('select pg_backend_pid() as pid'), 'a query')).rows[0]?.pid ?? 0
}

export async function release(holders: readonly pg.Client[]): Promise<void> {
  for (const holder of holders) await answered(holder.query('rollback'), 'rollback')
}

/** What came of one query and when: a process id, or an SQLSTATE. */
export interface Served {
  readonly pid: number | null
  readonly sqlstate: string
  readonly message: string
  readonly ms: number
}

export async function ask(client: pg.Client): Promise<Served> {
  const start = performance.now()
  try {
    return { pid: await pidOf(client), sqlstate: '', message: '', ms: performance.now() - start }
  } catch (error) {
    const { message, cause } = error as Error
    const { code, message: said } = (cause ?? {}) as { code?: string; message?: string }
    return { pid: null, sqlstate: code ?? '', message: said ?? message, ms: performance.now() - start }
  }
}

/** Logs in and asks once; a login that fails is an answer too. */
export async function visit(trial: Ways, who: Who): Promise<Served> {
  const start = performance.now()
  try {
    const [client] = await clients(trial, 1, who)
    return { ...(await ask(client!)), ms: performance.now() - start }
  } catch (error) {
    return { pid: null, sqlstate: '', message: (error as Error).message, ms: performance.now() - start }
  }
}

/** Server connections that serve somebody and that wait for somebody, as the pooler's counters tell. */
export async function countedServers({ stack }: Pick<Ways, 'stack'>): Promise<{ readonly active: number; readonly idle: number }> {
  const part = stack.part('pooler-0')
  const { host, port } = part.addresses['operations'] ?? part.addresses['metrics']!
  const text = await (await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(5_000) })).text()
  const sum = (name: RegExp) =>
    text
      .split('\n')
      .filter((line) => name.test(line))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  return {
    active: sum(/^orochi_(?:router_servers_active|pgdog_sv_active)\b/),
    idle: sum(/^orochi_(?:router_servers_idle|pgdog_sv_idle)\b/),
  }
}
