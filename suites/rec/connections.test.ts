/** Server connections that break or rot in the pool: clients do not notice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { limitMs } from '../../stack/limits.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'

const poolSize = 4
const one = wish({ pooler: { poolSize: 1 } })
const several = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'REC-001'>, 'stack' | 'connect'>

const pidOf = async (client: pg.Client): Promise<number> => {
  const { rows } = await answered(client.query<{ pid: number }>('select pg_backend_pid() as pid'), 'a query')
  return rows[0]!.pid
}

/** Ends every pooled server connection from the server's side, and waits until the pooler has let go of them (or for a while). */
async function endBackends({ stack, connect }: Ways): Promise<number> {
  const superuser = await connect({ direct: 'server' })
  const sql = `select pid, pg_terminate_backend(pid, 5000) as ended from pg_stat_activity where usename = $1 and backend_type = 'client backend'`
  const { rows } = await superuser.query<{ ended: boolean }>(sql, [stack.pooler.user])
  for (const end = Date.now() + limitMs('fault-bites') / 2; stack.link('postgres-0').open > 0 && Date.now() < end; await sleep(10));
  return rows.filter(({ ended }) => ended).length
}

/** What a query comes to: its answer, or the error's words. */
const tried = <T>(query: Promise<T>): Promise<T | string> => query.catch((error: Error) => error.message)

one('REC-001', async (trial) => {
  const { connect, prove } = trial
  const client = await connect()
  const rounds: { before: number; ended: number; after: number | string }[] = []
  for (let round = 0; round < 2; round++) {
    const before = await pidOf(client)
    const ended = await endBackends(trial)
    rounds.push({ before, ended, after: await tried(pidOf(client)) })
    if (typeof rounds.at(-1)?.after === 'string') break
  }
  await prove('works', () => {
    for (const { before, ended, after } of rounds) {
      expect(ended, 'server connections that were ended').toBeGreaterThan(0)
      expect(after, 'the next query').toEqual(expect.any(Number))
      expect(after, 'the connection it works on').not.toBe(before)
    }
  })
})

/** Each leaves its session in another bad state, without a word. */
const poisons = [
  `begin; select 1/0`,
  `set statement_timeout = 1; set search_path = nowhere`,
  `begin; create temporary table left_behind (n int); commit`,
  `begin; declare left_open cursor with hold for select 1; commit`,
] as const

one('REC-002', async (trial) => {
  const { connect, prove } = trial
  const found: { poison: string; seen: unknown }[] = []
  for (const poison of poisons) {
    const client = await connect()
    for (const statement of poison.split('; ')) await tried(answered(client.query(statement), statement))
    await client.end()
    const next = await connect()
    const look = `select current_setting('statement_timeout') as timeout, to_regclass('pg_temp.left_behind') as left, pg_sleep(0.01)::text as slept`
    found.push({ poison, seen: await tried(answered(next.query(look), 'the next client').then(({ rows }) => rows[0] as unknown)) })
    await next.end()
  }
  // Whatever was left goes with its connection.
  await endBackends(trial)
  await prove('repaired', () => {
    for (const { poison, seen } of found) expect(seen, `after "${poison}"`).toEqual({ timeout: '0', left: null, slept: '' })
  })
})

/** As many clients as the pool has places, each in a transaction, so that each has a connection of its own. */
async function fill({ connect }: Ways): Promise<readonly pg.Client[]> {
  const clients = await Promise.all(Array.from({ length: poolSize }, () => connect()))
  await Promise.all(clients.map((client) => answered(client.query('begin'), 'begin')))
  expect(new Set(await Promise.all(clients.map(pidOf))).size).toBe(poolSize)
  await Promise.all(clients.map((client) => answered(client.query('commit'), 'commit')))
  return clients
}

const connects = (stack: Stack): number => stack.link('postgres-0').counters.opened

several('REC-003', async (trial) => {
  const { stack, measure, prove } = trial
  const clients = await fill(trial)
  const ended = await endBackends(trial)
  const before = connects(stack)
  const askThrice = async (client: pg.Client) => [await tried(pidOf(client)), await tried(pidOf(client)), await tried(pidOf(client))]
  const answers = (await Promise.all(clients.map(askThrice))).flat()
  const opened = connects(stack) - before
  measure('connects after the loss', opened, 'connections')
  await prove('back', async () => {
    expect(ended, 'server connections that were ended').toBe(poolSize)
    expect(
      answers.filter((answer) => typeof answer === 'string'),
      'queries that failed afterwards',
    ).toEqual([])
    await Promise.all(clients.map((client) => answered(client.query('begin'), 'begin')))
    expect(new Set(await Promise.all(clients.map(pidOf))).size, 'connections in use at the same time').toBe(poolSize)
    await Promise.all(clients.map((client) => answered(client.query('commit'), 'commit')))
  })
  await prove('no-stampede', () => {
    // Each place is filled once; a connection or two may be for looking after the servers' health.
    expect(opened, `connections opened for ${answers.length} queries`).toBeLessThanOrEqual(2 * poolSize)
  })
})
