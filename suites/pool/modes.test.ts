/** The three modes of pooling, told apart by what a client keeps: settings, temporary tables, notifications, the connection itself. */
import { once } from 'node:events'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { clients, pidOf } from './pools.ts'
import { pooled } from './topology.ts'

const spec = wish(pooled)

/** The first value of the first row, or the SQLSTATE with which it was refused. */
async function valueOf(client: pg.Client, sql: string): Promise<unknown> {
  try {
    const { rows } = await answered(client.query<Record<string, unknown>>(sql), sql.slice(0, 60))
    return Object.values(rows[0] ?? {})[0]
  } catch (error) {
    return `error ${((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).message}`
  }
}

spec('POOL-008', async (trial) => {
  const [keeper, other] = await clients(trial, 2, { user: 'keeper' })
  await trial.prove('session', async () => {
    const pid = await pidOf(keeper!)
    await valueOf(keeper!, `set work_mem to '7MB'`)
    await valueOf(keeper!, 'create temporary table mine (n int)')
    await valueOf(keeper!, 'insert into mine values (1), (2)')
    await valueOf(keeper!, 'listen pool_news')
    expect(await pidOf(other!), 'the connection of another client').not.toBe(pid)
    const notified = once(keeper!, 'notification', { signal: AbortSignal.timeout(5_000) })
    const direct = await trial.connect({ direct: 'server' })
    await direct.query(`notify pool_news, 'hello'`)
    const [{ payload }] = (await notified.catch(() => [{ payload: 'nothing' }])) as [{ payload: string }]
    expect(payload, 'what it was notified of').toBe('hello')
    expect(await valueOf(keeper!, 'show work_mem'), 'its setting').toBe('7MB')
    expect(await valueOf(keeper!, 'select count(*)::int from mine'), 'rows of its temporary table').toBe(2)
    expect(await pidOf(keeper!), 'its connection').toBe(pid)
    await keeper!.end()
    const [next] = await clients(trial, 1, { user: 'keeper' })
    expect(await valueOf(next!, `select to_regclass('mine')::text`), 'what the next client finds').toBeNull()
    expect(await valueOf(next!, 'show work_mem'), 'the setting of the next client').not.toBe('7MB')
  })
  await trial.prove('transaction', async () => {
    const many = await clients(trial, 12)
    const pids: number[] = []
    for (const client of many) {
      await answered(client.query('begin'), 'begin')
      pids.push(await pidOf(client))
      await answered(client.query('commit'), 'commit')
    }
    expect(new Set(pids).size, 'connections that served twelve clients, none of which has left').toBeLessThan(many.length / 2)
  })
})

spec('POOL-009', async (trial) => {
  const many = await clients(trial, 8, { user: 'single' })
  await trial.prove('singly', async () => {
    const pids: number[] = []
    for (let round = 0; round < 2; round++) for (const client of many) pids.push(await pidOf(client))
    expect(pids, 'all were answered').not.toContain(0)
    expect(new Set(pids).size, 'connections that served eight clients, none of which has left').toBeLessThan(many.length)
  })
  await trial.prove('refused', async () => {
    const [client] = await clients(trial, 1, { user: 'single' })
    expect(String(await valueOf(client!, 'begin')), 'an explicit transaction').toMatch(/^error [0-9A-Z]{5}$/)
    const [after] = await clients(trial, 1, { user: 'single' })
    expect(await valueOf(after!, `select 'fine'`), 'the pool after that').toBe('fine')
  })
})
