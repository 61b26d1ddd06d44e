/** Two tenants take turns on one server connection, and their transactions end in every way there is. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { enter, plantTenants, rowsEach } from '../mt/tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

const lookSql = `select orochi.tenant_id() as tenant, current_setting('orochi.tenant_id', true) as plain, count(*)::int as rows,
  count(*) filter (where tenant_id <> orochi.tenant_id())::int as others, pg_backend_pid() as pid from orders`

type Look = Readonly<Record<'tenant' | 'plain', string> & Record<'rows' | 'others' | 'pid', number>>
type Ways = Pick<Trial<'SEC-125'>, 'mint' | 'connect'>

/** How a transaction ends. The last three may cost the client its connection. */
type Ending = 'commit' | 'rollback' | 'error' | 'time-out' | 'alone' | 'cancelled' | 'terminated' | 'gone'

const usual: readonly Ending[] = ['commit', 'rollback', 'error', 'alone']
const rare: readonly Ending[] = ['time-out', 'cancelled', 'gone', 'time-out', 'terminated']

class Tenant {
  readonly looks: Look[] = []
  readonly #ways: Ways
  readonly #name: string
  readonly #direct: pg.Client
  #client: pg.Client | null = null

  constructor(ways: Ways, name: string, direct: pg.Client) {
    this.#ways = ways
    this.#name = name
    this.#direct = direct
  }

  async transact(ending: Ending): Promise<void> {
    this.#client ??= await enter(this.#ways, this.#name)
    const client = this.#client
    if (ending !== 'alone') await answered(client.query('begin'), `begin of ${this.#name}`)
    const { rows } = await answered(client.query<Look>(lookSql), `a look of ${this.#name}`)
    this.looks.push(...rows)
    await this.#end(client, ending, rows[0]?.pid ?? 0)
  }

  async #end(client: pg.Client, ending: Ending, pid: number): Promise<void> {
    switch (ending) {
      case 'alone':
        return
      case 'commit':
      case 'rollback':
        await answered(client.query(ending), ending)
        return
      case 'error':
        await failing(client, 'select 1 / 0')
        await answered(client.query('rollback'), 'rollback')
        return
      case 'time-out':
        await answered(client.query(`set local statement_timeout = '20ms'`), 'a time limit')
        await failing(client, 'select pg_sleep(10)')
        await answered(client.query('rollback'), 'rollback')
        return
      case 'cancelled':
      case 'terminated':
        await this.#strike(client, pid, ending === 'cancelled' ? 'pg_cancel_backend' : 'pg_terminate_backend')
        return
      case 'gone':
        ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
        this.#client = null
    }
  }

  /** A statement is stopped from outside once it runs; the client's connection may go with it. */
  async #strike(client: pg.Client, pid: number, by: string): Promise<void> {
    const asleep = failing(client, 'select pg_sleep(10)')
    const strike = `select ${by}(pid) from pg_stat_activity where pid = $1 and state = 'active' and query like '%pg_sleep(10)%'`
    for (let tries = 0; tries < 200 && (await this.#direct.query(strike, [pid])).rowCount === 0; tries++) await sleep(10)
    await asleep
    const alive = by === 'pg_cancel_backend' && (await client.query('rollback').then(() => true, () => false)) // prettier-ignore
    if (alive) return
    this.#client = null
    await client.end().catch(() => undefined)
  }

  async leave(): Promise<void> {
    await this.#client?.end().catch(() => undefined)
  }
}

const failing = (client: pg.Client, sql: string): Promise<unknown> =>
  answered(
    client.query(sql).catch((error: unknown) => error),
    sql,
  )

const rounds = 60

spec('SEC-125', async (trial) => {
  const { connect, random, prove, measure } = trial
  const direct = await connect({ direct: 'server' })
  await using _tenants = await plantTenants(direct)
  const tenants = { 'tenant-a': new Tenant(trial, 'tenant-a', direct), 'tenant-b': new Tenant(trial, 'tenant-b', direct) }
  const pick = (from: readonly Ending[]): Ending => from[Math.floor(random() * from.length)]!
  const plan = Array.from({ length: rounds }, (_, round) => (round % 6 === 5 ? rare[Math.floor(round / 6) % rare.length]! : pick(usual)))
  const live = async (tenant: Tenant) => {
    for (const ending of plan) await tenant.transact(ending)
    await tenant.leave()
  }
  await prove('own', async () => {
    await Promise.all(Object.values(tenants).map(live))
    for (const [name, { looks }] of Object.entries(tenants)) {
      expect(looks.length, `transactions of ${name}`).toBe(rounds)
      for (const [n, { tenant, plain, rows, others }] of looks.entries())
        expect({ tenant, plain, rows, others }, `transaction ${n} of ${name}`).toEqual({
          tenant: name,
          plain: name,
          rows: rowsEach,
          others: 0,
        })
    }
    const shared = new Set(tenants['tenant-a'].looks.map(({ pid }) => pid))
    expect(
      tenants['tenant-b'].looks.filter(({ pid }) => shared.has(pid)).length,
      'transactions of B on a connection that A had',
    ).toBeGreaterThan(10)
  })
  measure('transactions on one server connection', rounds * 2, 'transactions')
})
