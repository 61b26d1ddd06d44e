/** Clients that the kit opens for an entry and closes after it: pg, postgres.js and psql. */
import { spawn } from 'node:child_process'
import pg from 'pg'
import postgres from 'postgres'
import type { Login, Stack } from '../../stack/stack.ts'
import { doorConfig, type AttemptOptions } from './gateway.ts'
import type { Secrets } from './secrets.ts'

export interface ConnectOptions extends AttemptOptions {
  readonly token?: string
  /** Past the gateway (`pooler`), or straight to a server as superuser (`server`) or as the pooled role (`app`). */
  readonly direct?: 'pooler' | 'server' | 'app'
  readonly shard?: number
}

export interface PsqlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Clients extends AsyncDisposable {
  /** A connected `pg` client; without a token it gets a fresh one of the default tenant. */
  connect(options?: ConnectOptions): Promise<pg.Client>
  /** A postgres.js handle of one connection. */
  postgres(options?: ConnectOptions, settings?: postgres.Options<Record<string, never>>): Promise<postgres.Sql>
  /** Runs psql through the front door with `-X -A -t`, certificate verified. */
  psql(sql: string, options?: ConnectOptions & { caFile: string }): Promise<PsqlResult>
}

export function openClients(stack: Stack, mint: () => Promise<string>, secrets: Secrets): Clients {
  const scope = new AsyncDisposableStack()
  const login = async (options: ConnectOptions): Promise<pg.ClientConfig> => {
    if (options.direct !== undefined) return directConfig(directLogin(stack, options), options)
    return doorConfig(stack, options.token ?? (await mint()), options)
  }
  return {
    async connect(options = {}) {
      const client = new pg.Client(await login(options))
      client.on('error', () => {})
      scope.defer(() => endWithin(client.end(), 2_000))
      await client.connect()
      return client
    },
    async postgres(options = {}, settings = {}) {
      const { host, port, user, password, database, ssl } = await login(options)
      const sql = postgres({
        host: host!,
        port: port!,
        user: user!,
        password: password as string,
        database: database!,
        ssl: ssl as object,
        max: 1,
        onnotice: () => {},
        connection: { ...options.startup },
        ...settings,
      })
      scope.defer(() => endWithin(sql.end({ timeout: 1 }), 3_000))
      return sql
    },
    async psql(query, options) {
      const config = await login(options ?? {})
      const result = await runPsql(config, query, options?.caFile)
      secrets.search(result.stderr, 'what psql was told')
      return result
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  }
}

function directLogin(stack: Stack, options: ConnectOptions): Login {
  if (options.direct === 'pooler') return stack.pooler
  return options.direct === 'app' ? stack.app(options.shard ?? 0) : stack.server(options.shard ?? 0)
}

function directConfig(login: Login, options: ConnectOptions): pg.ClientConfig {
  return { ...login, ...(options.startup as pg.ClientConfig), connectionTimeoutMillis: 20_000 }
}

async function endWithin(ending: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([ending.catch(() => {}), late])
  clearTimeout(timer)
}

async function runPsql(config: pg.ClientConfig, query: string, caFile: string | undefined): Promise<PsqlResult> {
  const env = {
    PATH: process.env['PATH'],
    PGPASSWORD: config.password as string,
    PGSSLMODE: 'verify-full',
    ...(caFile === undefined ? {} : { PGSSLROOTCERT: caFile }),
    PGHOST: (config.ssl as { servername: string }).servername,
    PGHOSTADDR: config.host,
    PGPORT: String(config.port),
    PGUSER: config.user,
    PGDATABASE: config.database,
    PGCONNECT_TIMEOUT: '10',
  }
  const child = spawn('psql', ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', query], { env: env as NodeJS.ProcessEnv, timeout: 20_000 })
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number>((resolve, reject) => child.once('close', (exit) => resolve(exit ?? -1)).once('error', reject)),
  ])
  return { code, stdout: Buffer.concat(stdout as Buffer[]).toString(), stderr: Buffer.concat(stderr as Buffer[]).toString() }
}
