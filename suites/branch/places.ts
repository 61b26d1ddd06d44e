/** Clients that come by the host name of a branch, and which branch's database they turn out to work on. */
import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { branchDatabase, hostSuffix } from '../../stack/layout.ts'
import type { TopologyWish } from '../../stack/topology.ts'

/** What every stack with branches here wishes, so that they share one. */
export const branched: TopologyWish = { branches: ['feature-x', 'hotfix'] }

/** The cluster of a stack. */
export const cluster = 'local'

export const hostOf = (branch: string, of = cluster) => `${of}.${branch}.${hostSuffix}`

/** By this host name, of which the certificate need not be right. */
export const named = (servername: string): { readonly tls: ConnectionOptions } => ({
  tls: { servername, checkServerIdentity: () => undefined },
})

/** On the server, not to the client. */
export const databaseOf = (branch: string) => (branch === 'main' ? 'orochi_0' : branchDatabase(branch))

export const whereabouts = `select current_database() as database, current_setting('orochi.branch_id', true) as branch,
  orochi.claims() ->> 'branch' as signed`

/** Where a session is, and what it was told. */
export async function askWhere(client: pg.Client): Promise<Record<string, unknown>> {
  const { rows } = await client.query<Record<string, unknown>>(whereabouts)
  return rows[0] ?? {}
}

export const at = (branch: string) => ({ database: databaseOf(branch), branch, signed: branch })
