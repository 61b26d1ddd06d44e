import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

/** What the router says to bad input over two shards with one connection each, and what it leaves for the next client: nothing. */
let stack: Stack

beforeAll(async () => {
  const pooler = { kind: 'router', poolSize: 1, connectTimeoutMs: 1_500, waitTimeoutMs: 1_500 } as const
  const topology = defaultTopology({ pooler, gateway: null, shards: 2, sharding: { twoPhaseCommit: true } })
  stack = await raise(topology, { run: `router-bad-input-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
}, 90_000)

afterAll(() => stack?.[Symbol.asyncDispose](), 60_000)

async function client(): Promise<pg.Client> {
  const one = new pg.Client({ ...stack.pooler, connectionTimeoutMillis: 10_000 })
  one.on('error', () => {})
  await one.connect()
  return one
}

/** The SQLSTATE, or how many rows. */
async function outcome(one: pg.Client, text: string, values?: unknown[]): Promise<string | number> {
  try {
    return (await one.query(text, values)).rowCount ?? 0
  } catch (error) {
    return (error as pg.DatabaseError).code ?? (error as Error).message
  }
}

/** A fresh client finds both shards whole: a row can be written on each and read over both, and no setting is left. */
async function expectClean(): Promise<void> {
  const one = await client()
  const keys = [1, 2, 3, 4, 5, 6]
  for (const key of keys) expect(await outcome(one, `insert into items (item_id, grp) values ($1, 'clean')`, [key])).toBe(1)
  expect((await one.query(`select count(*)::int as n, current_setting('work_mem') as mem from items group by 2`)).rows).toEqual([{ n: keys.length, mem: '4MB' }]) // prettier-ignore
  expect(await outcome(one, 'delete from items')).toBe(keys.length)
  await one.end()
}

test.each<[what: string, text: string, values: unknown[] | undefined, sqlstate: string | number]>([
  ['does not parse', 'selekt 1', undefined, '42601'],
  ['ends in the midst of a literal', `select 'never`, undefined, '42601'],
  ['has a key of the wrong type', 'select * from items where item_id = $1', ['seven'], '22P02'],
  ['has a key of the wrong type written out', `select * from items where item_id = 'seven'`, undefined, '22P02'],
  ['has a key beyond its type', 'select * from items where item_id = $1', ['9223372036854775808'], '22003'],
  ['has a parameter that nothing gives a type', 'select * from items where item_id = $2', [1, 2], '42P18'],
  ['inserts a key that is NULL', `insert into items (item_id, grp) values (null, 'x')`, undefined, '23502'],
  ['inserts a bound key that is NULL', `insert into items (item_id, grp) values ($1, 'x'), (1, 'y')`, [null], '23502'],
  ['looks for a key that is NULL', 'select * from items where item_id = $1', [null], 0],
  ['names a table that is not there', 'select * from nosuch', undefined, '42P01'],
  [
    'breaks a rule on one of two shards',
    `insert into items (item_id, grp) values (1, 'a'), (2, 'b'), (3, null), (4, 'd')`,
    undefined,
    '23502',
  ],
])('a statement that %s', async (_, text, values, sqlstate) => {
  const one = await client()
  await one.query(`set work_mem to '7MB'`)
  expect(await outcome(one, text, values)).toBe(sqlstate)
  await one.query('begin')
  expect(await outcome(one, text, values)).toBe(sqlstate)
  if (sqlstate !== 0) expect(await outcome(one, 'select 1')).toBe('25P02')
  await one.query('rollback')
  await one.end()
  await expectClean()
})

test('a shard that is down: its keys are refused in time, the others are served, and nothing is lost', { timeout: 60_000 }, async () => {
  const part = stack.part('postgres-1')
  const one = await client()
  for (let key = 1; key <= 8; key++) await one.query(`insert into items (item_id, grp) values (${key}, 'kept')`)
  await one.query('begin')
  for (let key = 11; key <= 18; key++) await one.query(`insert into items (item_id, grp) values (${key}, 'open')`)
  await part.kill!('SIGKILL')
  expect(String(await outcome(one, 'commit'))).toMatch(/^(?:08|40|57)|terminated|closed|connection error/)
  const other = await client()
  const seen = new Set<string | number>()
  const start = performance.now()
  for (let key = 1; key <= 8; key++) seen.add(await outcome(other, `select * from items where item_id = ${key}`))
  expect(performance.now() - start).toBeLessThan(8 * 3_000)
  expect([...seen].map((one) => String(one).slice(0, 2)).toSorted()).toEqual(['08', '1'])
  expect(String(await outcome(other, 'select count(*) from items'))).toMatch(/^08/)
  await part.restart!()
  await expect.poll(() => outcome(other, `select count(*) from items where grp = 'kept'`), { timeout: 20_000 }).toBe(1)
  expect((await other.query(`select count(*)::int as n from items where grp = 'kept'`)).rows).toEqual([{ n: 8 }])
  expect((await other.query(`select count(*)::int as n from items where grp = 'open'`)).rows).toEqual([{ n: 0 }])
  await other.query('delete from items')
  await other.end()
  await one.end().catch(() => {})
  await expectClean()
})
