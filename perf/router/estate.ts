/** What the comparison of poolers needs: two shards of PostgreSQL, and before them each pooler that is here, as a process of its own. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Launch } from '../../stack/launch.ts'
import { findPgdog } from '../../stack/components/pgdog-binary.ts'
import { pgdogLaunch } from '../../stack/components/pgdog.ts'
import type { PoolerPlan } from '../../stack/components/pooler.ts'
import { routerLaunch } from '../../stack/components/router.ts'
import { limitMs } from '../../stack/limits.ts'
import { fill } from '../../stack/providers/placeholders.ts'
import { raise } from '../../stack/raise.ts'
import type { Login, Stack } from '../../stack/stack.ts'
import { firstLine, pathOf } from '../../stack/tools.ts'
import { defaultTopology } from '../../stack/wish.ts'
import type { Way } from '../generator/client.ts'
import { freePort, startSubject, type Subject } from '../gateway/subject.ts'

export const host = '127.0.0.1'
export const shards = 2
export const poolSize = 20

/** One way to the data. */
export interface Arm {
  readonly name: string
  /** Null: to the servers themselves. */
  readonly subject: Subject | null
  /** Where a client that wants this shard goes; through a pooler it is always the same. */
  readonly wayTo: (shard: number) => Way
  /** Whether it knows about shards. */
  readonly sharded: boolean
}

/** A pooler's configuration, changed before it is written. */
export type Change = (text: string) => string

export interface Estate extends AsyncDisposable {
  readonly stack: Stack
  /** Superuser's way to a shard. */
  readonly owner: (shard: number) => Login
  readonly direct: Arm
  router(): Promise<Arm>
  /** Null where the binary is not here. */
  pgdog(name?: string, change?: Change, wish?: Partial<PoolerPlan['sharding']>): Promise<Arm | null>
  pgbouncer(): Promise<Arm | null>
}

export async function openEstate(run: string): Promise<Estate> {
  await using scope = new AsyncDisposableStack()
  const topology = defaultTopology({
    shards,
    links: 'direct',
    gateway: null,
    pooler: { kind: 'router', poolSize },
    postgres: { settings: { max_connections: '400', max_prepared_transactions: '100' } },
  })
  const stack = scope.use(await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) }))
  const dir = mkdtempSync(join(tmpdir(), 'orochi-bench-'))
  scope.defer(() => rmSync(dir, { recursive: true, force: true }))
  const subjects = scope.use(new AsyncDisposableStack())
  const planOf = (sharding: Partial<PoolerPlan['sharding']>): PoolerPlan => ({
    instance: 0,
    wish: topology.pooler!,
    database: 'orochi',
    shards: Array.from({ length: shards }, (_, shard) => {
      const { host: at, port, database } = stack.server(shard)
      return [{ role: 'primary' as const, host: at, port, database }]
    }),
    branches: {},
    sharding: { ...topology.sharding, twoPhaseCommit: true, ...sharding },
    split: topology.split,
    user: stack.pooler.user,
    password: stack.pooler.password,
    further: [],
    adminPassword: 'bench',
    ca: '',
    program: null,
  })
  const pooler = async (name: string, launch: Launch, change: Change = (text) => text): Promise<Arm> => {
    const subject = subjects.use(await begin(name, launch, stack, join(dir, name.replaceAll(/\W+/g, '-')), change))
    return { name, subject, wayTo: () => subject.way, sharded: true }
  }
  const moved = scope.move()
  return {
    stack,
    owner: (shard) => stack.server(shard),
    direct: { name: 'direct', subject: null, wayTo: (shard) => ({ ...stack.app(shard), ca: null }), sharded: true },
    router: () => pooler('router', routerLaunch(planOf({}))),
    pgdog: async (name = 'PgDog', change = (text) => text, wish = {}) =>
      findPgdog() === null ? null : pooler(name, pgdogLaunch(planOf(wish)), change),
    pgbouncer: async () => {
      const binary = pathOf('pgbouncer')
      return binary === null ? null : bouncer(binary, stack, dir, subjects)
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}

/** Writes the files of a Launch and starts its program. */
async function begin(name: string, launch: Launch, { pooler }: Stack, dir: string, change: Change): Promise<Subject> {
  const form = launch.process!
  const ports: Record<string, number> = {}
  for (const port of Object.keys(launch.ports)) ports[port] = await freePort()
  const files = Object.fromEntries(launch.files.map((file) => [file.name, join(dir, file.name)]))
  const values = { dir, host, ports, files }
  mkdirSync(join(dir, '2pc'), { recursive: true })
  for (const file of launch.files) writeFileSync(join(dir, file.name), change(fill(file.content, values)), { mode: 0o600 })
  const program = 'binary' in form.program ? [form.program.binary] : [process.execPath, form.program.node]
  const env = { ...launch.env, RUST_LOG: 'error' } as Record<string, string>
  return startSubject(
    name,
    { ...pooler, host, port: ports['main']!, ca: null },
    [...program, ...form.argv.map((text) => fill(text, values))],
    env,
  )
}

/** PgBouncer knows nothing of shards: it stands before the first. */
async function bouncer(binary: string, stack: Stack, dir: string, subjects: AsyncDisposableStack): Promise<Arm> {
  const { host: at, port, database } = stack.server(0)
  const { user, password } = stack.pooler
  const way: Way = { host, port: await freePort(), user, password, database: 'orochi', ca: null }
  const users = join(dir, 'userlist.txt')
  writeFileSync(users, `"${user}" "${password}"\n`)
  const config = join(dir, 'pgbouncer.ini')
  writeFileSync(
    config,
    `[databases]\norochi = host=${at} port=${port} dbname=${database}\n[pgbouncer]\nlisten_addr = ${host}\nlisten_port = ${way.port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = ${users}\n${poolingOf(binary)}\nmax_client_conn = 200\n`,
  )
  // It does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  for (const file of [dir, users, config]) chmodSync(file, 0o755)
  const subject = subjects.use(await startSubject('PgBouncer', way, [binary, ...asRoot, config]))
  return { name: 'PgBouncer', subject, wayTo: () => way, sharded: false }
}

/** Before 1.21 it forgets prepared statements unless it pools by session. */
function poolingOf(binary: string): string {
  const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(firstLine(binary, ['--version'], 5_000)) ?? []
  return Number(major) * 1000 + Number(minor) >= 1021
    ? `pool_mode = transaction\ndefault_pool_size = ${poolSize}\nmax_prepared_statements = 100`
    : 'pool_mode = session\ndefault_pool_size = 100'
}
