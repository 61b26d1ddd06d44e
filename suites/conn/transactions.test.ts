/** What happens inside a transaction stays there until it is committed, and nowhere if it is not. */
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered, faultOf, firstText, type Probe } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { openRaw } from './raw.ts'

const poolSize = 5
const spec = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'CONN-008'>, 'stack' | 'mint' | 'connect'>

const open = async ({ connect, mint }: Ways): Promise<pg.Client> => answered(connect({ token: await mint() }), 'a client')

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await answered(client.query<{ pid: number }>('select pg_backend_pid() as pid'), 'a short query')
  return rows[0]?.pid ?? 0
}

/** Two orders of one tenant, put there by a superuser; gone again at the end. */
async function plantOrders(direct: pg.Client, orderId: number): Promise<AsyncDisposable> {
  await direct.query(
    `insert into orders (tenant_id, order_id, amount_cents, note) select 'tenant-a', $1::bigint + n, 100, 'planted' from generate_series(0, 1) n`,
    [orderId],
  )
  return {
    [Symbol.asyncDispose]: async () => {
      // A pooler that leaves a transaction open leaves its locks too: that is found by the clauses, so the rows may stay then.
      await direct.query(`set lock_timeout = '2s'`)
      await direct.query('delete from orders where order_id between $1::bigint and $1::bigint + 9', [orderId]).catch(() => undefined)
    },
  }
}

const readOrders = (orderId: number) =>
  `select order_id - ${orderId} as n, amount_cents, note from orders where order_id between ${orderId} and ${orderId + 9} order by order_id`

async function seenBy(client: pg.Client, orderId: number): Promise<string> {
  const { rows } = await answered(
    client.query<{ n: string; amount_cents: string; note: string }>(readOrders(orderId)),
    'a look at the rows',
  )
  return rows.map(({ n, amount_cents, note }) => `${n}:${amount_cents}:${note}`).join(' ')
}

const untouched = '0:100:planted 1:100:planted'
const changed = '0:999:changed 2:7:new'

/** The changes of A, said by simple, extended and named statements; each tells which backend did it. */
const changesOf = (orderId: number): readonly (string | pg.QueryConfig)[] => [
  `update orders set amount_cents = 999, note = 'changed' where order_id = ${orderId} returning pg_backend_pid() as pid`,
  {
    text: `insert into orders (tenant_id, order_id, amount_cents, note) values ('tenant-a', $1, 7, 'new') returning pg_backend_pid() as pid`,
    values: [orderId + 2],
  },
  { name: 'gone', text: 'delete from orders where order_id = $1 returning pg_backend_pid() as pid', values: [orderId + 1] },
  'select pg_backend_pid() as pid',
]

spec('CONN-008', async (trial) => {
  const { connect, random, prove } = trial
  const orderId = 2_000_000_000 + Math.floor(random() * 1e9)
  const direct = await connect({ direct: 'server' })
  await using scope = new AsyncDisposableStack()
  scope.use(await plantOrders(direct, orderId))
  const before = await rowVersions(direct, orderId)
  const seenByB: string[] = []
  const seenByA: string[] = []
  const pidsOfA: number[] = []
  const story = async () => {
    const [a, b] = [await open(trial), await open(trial)]
    const others = await Promise.all(Array.from({ length: poolSize }, () => open(trial)))
    await answered(a.query('begin'), 'begin')
    for (const change of changesOf(orderId)) {
      pidsOfA.push(await amongOthers({ others, direct }, pidsOfA.at(-1) ?? 0, () => changedBy(a, change)))
      seenByB.push(await seenBy(b, orderId))
    }
    seenByA.push(await seenBy(a, orderId))
    pidsOfA.push(await amongOthers({ others, direct }, pidsOfA.at(-1) ?? 0, () => pidOf(a)))
    seenByB.push(await seenBy(b, orderId))
    await answered(a.query('rollback'), 'rollback')
  }
  const failure = await story().then(
    () => undefined,
    (error: unknown) => error,
  )
  const idle = await leftOpen(trial, direct)

  await prove('one-backend', () => {
    expect(pidsOfA).toHaveLength(5)
    expect(new Set(pidsOfA).size, `backends of one transaction: ${pidsOfA.join()}`).toBe(1)
  })
  await prove('no-trace', async () => {
    if (failure) throw failure
    expect(idle, 'transactions left open').toEqual([])
    expect(await rowVersions(direct, orderId), 'the rows themselves').toEqual(before)
    expect(new Set(await seenTogether(trial, orderId)), 'what many see at the same time').toEqual(new Set([untouched]))
  })
  await prove('no-dirty-read', async () => {
    if (failure) throw failure
    expect(seenByA, 'what A sees of its own changes').toEqual([changed])
    expect(new Set(seenByB), 'what B saw all the time').toEqual(new Set([untouched]))
    await changeAndVanish(trial, orderId)
    expect(new Set(await seenTogether(trial, orderId)), 'after clients that left in the middle').toEqual(new Set([untouched]))
  })
})

async function changedBy(client: pg.Client, change: string | pg.QueryConfig): Promise<number> {
  const { rows } = await answered(client.query<{ pid: number }>(change as string), 'a change')
  return rows[0]?.pid ?? 0
}

/**
 * Runs a statement while others keep every server connection busy that they can get. Where the pooler has let go of the one that is in
 * the midst of a transaction, one of them has it now and keeps it longest, so that the statement can only be done by another.
 */
async function amongOthers(room: Room, own: number, run: () => Promise<number>): Promise<number> {
  const naps = room.others.map((client) => answered(client.query(napSql, [own]), 'a nap'))
  const settled = Promise.allSettled(naps)
  await whenAsleep(room.direct, poolSize - 1)
  const pid = await run()
  const broken = (await settled).find((nap) => nap.status === 'rejected')
  if (broken) throw broken.reason
  return pid
}

interface Room {
  readonly others: readonly pg.Client[]
  readonly direct: pg.Client
}

const napSql = `select pg_sleep(case when pg_backend_pid() = $1::int then 0.5 else 0.2 end) as napped`

/** Until so many are asleep, but no longer than the first of them may sleep. */
async function whenAsleep(direct: pg.Client, wanted: number): Promise<void> {
  const sql = `select count(*)::int as n from pg_stat_activity where state = 'active' and query like '%as napped%' and pid <> pg_backend_pid()`
  for (const end = Date.now() + 150; Date.now() < end; await setTimeout(10)) {
    const { rows } = await direct.query<{ n: number }>(sql)
    if ((rows[0]?.n ?? 0) >= wanted) return setTimeout(30)
  }
}

async function leftOpen({ stack }: Ways, direct: pg.Client): Promise<unknown> {
  const sql = `select pid, state, query from pg_stat_activity where usename = $1 and state like 'idle in transaction%'`
  return (await direct.query(sql, [stack.app(0).user])).rows
}

/** The rows with their version (ctid), as a superuser sees them. */
async function rowVersions(direct: pg.Client, orderId: number): Promise<unknown> {
  const sql =
    'select ctid::text, tenant_id, order_id, amount_cents, note from orders where order_id between $1::bigint and $1::bigint + 9 order by order_id'
  return (await direct.query(sql, [orderId])).rows
}

/** Clients that change a row in an open transaction and are gone without a word: one with a reset, one in good order. */
async function changeAndVanish(trial: Ways, orderId: number): Promise<void> {
  const leaving = [(probe: Probe) => probe.reset(), (probe: Probe) => probe.quit()]
  for (const [index, leave] of leaving.entries()) {
    await using probe = await openRaw(trial)
    expect(faultOf(await probe.query('begin'))).toBe('')
    const answer = await probe.query(
      `update orders set amount_cents = 999, note = 'changed' where order_id = ${orderId + index} returning note`,
    )
    expect(firstText(answer), faultOf(answer)).toBe('changed')
    leave(probe)
  }
}

/** What many see at the same time, so that every server connection of the pool is used, with nothing that would tidy one up before. */
async function seenTogether(trial: Ways, orderId: number): Promise<readonly string[]> {
  const clients = await Promise.all(Array.from({ length: 2 * poolSize }, () => open(trial)))
  return Promise.all(
    clients.map(async (client) => {
      const first = await seenBy(client, orderId)
      await answered(client.query('select pg_sleep(0.05)'), 'a pause')
      const second = await seenBy(client, orderId)
      return first === second ? first : `${first}, then ${second}`
    }),
  )
}
