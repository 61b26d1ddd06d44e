/** What operators ask the router: SHOW … and RELOAD, each answered with rows of text. */
import { Refused } from '../refused.ts'
import type { RouterConfig } from '../config.ts'
import type { Pool } from '../pool/pool.ts'
import type { Health } from '../replicas/watch.ts'
import type { TwoPhase } from '../twophase/two-phase.ts'

export interface Estate {
  readonly config: () => RouterConfig
  readonly pools: () => readonly Pool[]
  /** Clients that are logged in. */
  readonly clients: () => readonly { readonly user: string; readonly database: string }[]
  readonly healthOf: (database: string, server: RouterConfig['databases'][number]['shards'][number]['servers'][number]) => Health | null
  readonly twoPhase: TwoPhase | null
  readonly version: string
  /** Reads the configuration again; gives names of sections whose changes need a restart. Throws an Error that says what is wrong. */
  readonly reload: () => Promise<readonly string[]>
}

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

type Show = (estate: Estate) => Table

const table = (columns: readonly string[], rows: readonly (readonly (string | number | boolean | null)[])[]): Table => ({
  columns,
  rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
})

const shows: Readonly<Record<string, Show>> = {
  pools: ({ pools }) =>
    table(
      ['server', 'user', 'active', 'idle', 'waiting'],
      pools().map(({ place, user, active, idle, waiting }) => [place, user, active, idle, waiting]),
    ),
  shards: ({ config, healthOf }) =>
    table(
      ['database', 'shard', 'role', 'server', 'well', 'lag_ms'],
      config().databases.flatMap(({ name, shards }) =>
        shards.flatMap(({ servers }, shard) =>
          servers.map((server) => {
            const health = server.role === 'replica' ? healthOf(name, server) : null
            const lag = health && Number.isFinite(health.lagMs) ? Math.round(health.lagMs) : null
            return [name, shard, server.role, `${server.host}:${server.port}/${server.database}`, health?.well ?? null, lag]
          }),
        ),
      ),
    ),
  tables: ({ config }) =>
    table(
      ['database', 'table', 'kind', 'column', 'type'],
      config().databases.flatMap(({ name, sharding }) => [
        ...sharding.tables.map((one) => [name, one.name, 'sharded', one.column, one.type]),
        ...sharding.reference.map((one) => [name, one, 'reference', null, null]),
      ]),
    ),
  clients: ({ clients }) =>
    table(
      ['user', 'database'],
      clients().map(({ user, database }) => [user, database]),
    ),
  transactions: ({ twoPhase }) =>
    table(
      ['committed', 'rolled_back', 'ended_later', 'pending'],
      twoPhase
        ? [
            [
              twoPhase.coordinator.counts.committed,
              twoPhase.coordinator.counts.rolledBack,
              twoPhase.sweeper.swept,
              twoPhase.log.pending.size,
            ],
          ]
        : [],
    ),
  version: ({ version }) => table(['version'], [[`orochi-router ${version}`]]),
  help: () => table(['command'], [...Object.keys(shows).map((name) => [`SHOW ${name.toUpperCase()}`]), ['RELOAD']]),
}

export interface Answer {
  readonly table: Table | null
  readonly tag: string
  readonly notice: string | null
}

/** Throws a Refused. */
export async function answerCommand(text: string, estate: Estate): Promise<Answer> {
  const words = text.replaceAll(/;\s*$/g, '').trim().toLowerCase().split(/\s+/)
  const show = words[0] === 'show' && words.length === 2 ? shows[words[1] ?? ''] : undefined
  if (show) return { table: show(estate), tag: 'SHOW', notice: null }
  if (words.join(' ') === 'reload') return reload(estate)
  throw new Refused('ERROR', '42601', `the admin database knows SHOW ${Object.keys(shows).join(', ').toUpperCase()} and RELOAD`)
}

async function reload(estate: Estate): Promise<Answer> {
  try {
    const waiting = await estate.reload()
    const notice = waiting.length === 0 ? null : `changes of ${waiting.join(', ')} take effect after a restart`
    return { table: null, tag: 'RELOAD', notice }
  } catch (error) {
    throw new Refused('ERROR', '22023', `the configuration stays as it was: ${(error as Error).message}`, error)
  }
}
