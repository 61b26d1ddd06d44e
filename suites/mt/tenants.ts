/** Two tenants with rows in one table, and what one of them may see of it. */
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import type { Trial } from '../kit.ts'

/** Rows of each tenant; those of others must never be seen. */
export const rowsEach = 3

/** Far from the rows of any other entry. */
export const firstOrder = 7_400_000_000
const range = `order_id between ${firstOrder} and ${firstOrder + 999}`

export interface Tenants extends AsyncDisposable {
  /** Every row as the server itself has it, in words. */
  truth(): Promise<readonly string[]>
}

/** Plants rows of tenant-a and tenant-b (orders and a line in tenants); gone again at the end. */
export async function plantTenants(direct: pg.Client): Promise<Tenants> {
  await clear(direct)
  await direct.query(`insert into tenants (tenant_id, name) values ('tenant-a', 'name of a'), ('tenant-b', 'name of b')`)
  await direct.query(
    `insert into orders (tenant_id, order_id, amount_cents, note)
     select tenant, ${firstOrder} + n, n, 'note of ' || tenant from unnest(array['tenant-a', 'tenant-b']) tenant, generate_series(1, ${rowsEach}) n`,
  )
  return {
    async truth() {
      const orders = await direct.query<{ row: string }>(`select (o.*)::text as row from orders o where ${range} order by 1`)
      const tenants = await direct.query<{ row: string }>('select (t.*)::text as row from tenants t order by 1')
      return [...orders.rows, ...tenants.rows].map(({ row }) => row)
    },
    [Symbol.asyncDispose]: () => clear(direct),
  }
}

/** A pooler under test may have left a transaction open, with its locks: the rows may stay then. */
async function clear(direct: pg.Client): Promise<void> {
  await direct.query(`set lock_timeout = '2s'`)
  await direct.query(`delete from orders where ${range}`).catch(() => undefined)
  await direct.query(`delete from tenants where tenant_id in ('tenant-a', 'tenant-b')`).catch(() => undefined)
}

/** Ends the pooled role's server connections; what was left on them goes with them. */
export async function renewConnections(direct: pg.Client): Promise<void> {
  await direct.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'orochi_app'`)
}

/** For whoever sets variables where a pooler may not see it: the next entry must not meet them. */
export function leaveClean(direct: pg.Client): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => renewConnections(direct) }
}

type Ways = Pick<Trial<'MT-001'>, 'mint' | 'connect'>

/** A client of a tenant. */
export async function enter({ mint, connect }: Ways, tenant: string, claims: Readonly<Record<string, unknown>> = {}): Promise<pg.Client> {
  const token = await mint({ claims: { tenant_id: tenant, sub: `user of ${tenant}`, ...claims } })
  return answered(connect({ token }), `a client of ${tenant}`)
}

/** What a query brings, whatever it is: rows in words, or the SQLSTATE of its error. */
export async function bring(client: pg.Client, sql: string, values?: unknown[]): Promise<readonly string[]> {
  const asked = client.query(sql, values).then(
    (result: pg.QueryResult | pg.QueryResult[]) => [result].flat().flatMap(({ rows }) => rows.map((row) => JSON.stringify(row))),
    (error: { code?: string; message: string }) => {
      if (error.code === undefined || !/^[0-9A-Z]{5}$/.test(error.code)) throw error
      return [`error ${error.code}`]
    },
  )
  return answered(asked, sql)
}
