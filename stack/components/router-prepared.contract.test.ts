import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

/** PREPARE, EXECUTE, DEALLOCATE, AND CHAIN, window functions and cursors through the router over three shards. */
let stack: Stack
let router: pg.Client
const keys = Array.from({ length: 12 }, (_, at) => at + 1)

beforeAll(async () => {
  const topology = defaultTopology({ pooler: { kind: 'router' }, gateway: null, shards: 3, servers: 1 })
  stack = await raise(topology, { run: `router-prepared-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  router = new pg.Client(stack.pooler)
  await router.connect()
  for (const key of keys) await router.query(`insert into items (item_id, grp, amount) values (${key}, 'g${key % 2}', ${key * 10})`)
}, 90_000)

afterAll(async () => {
  await router?.end()
  await stack?.[Symbol.asyncDispose]()
}, 60_000)

/** The rows, or the SQLSTATE. */
async function ask(text: string): Promise<unknown> {
  try {
    const { rows, command } = await router.query({ text, rowMode: 'array' })
    return command === 'SELECT' ? rows : command
  } catch (error) {
    return (error as pg.DatabaseError).code
  }
}

test('a statement prepared by SQL goes to the shard of the key it is executed with', async () => {
  expect(await ask('prepare one (bigint, text) as select amount from items where item_id = $1 and grp <> $2')).toBe('PREPARE')
  for (const key of keys) expect(await ask(`execute one (${key}, 'other')`)).toEqual([[String(key * 10)]])
  expect(await ask(`execute one (7)`)).toBe('42601')
  expect(await ask(`execute one ((select 1), 'x')`)).toBe('0A000')
  expect(await ask(`execute one ('x', 'x')`)).toBe('22P02')
  expect(await ask('prepare one as select 1')).toBe('42P05')
  expect(await ask('deallocate one')).toBe('DEALLOCATE')
  expect(await ask(`execute one (1, 'x')`)).toBe('26000')
  expect(await ask('deallocate one')).toBe('26000')
})

test('what it writes is written once, and sums over shards are sums', async () => {
  expect(
    await ask(
      `prepare put (bigint, varchar(5)) as insert into items (item_id, grp) values ($1, $2), ($1 + 0, 'never') on conflict do nothing`,
    ),
  ).toBe('PREPARE')
  expect(await ask(`execute put (100, 'a')`)).toMatch(/INSERT|0A000/)
  expect(await ask(`prepare total (int) as select sum(amount) from items where amount > $1`)).toBe('PREPARE')
  expect(await ask('execute total (50)')).toEqual([[String(keys.filter((key) => key > 5).reduce((sum, key) => sum + key * 10, 0))]])
  expect(await ask('deallocate all')).toBe('DEALLOCATE')
  expect(await ask('execute total (50)')).toBe('26000')
  expect(await ask('prepare untyped as select $1')).toBe('0A000')
  await router.query('delete from items where item_id = 100')
})

test('AND CHAIN begins the next transaction as the last began', async () => {
  expect(await ask('commit and chain')).toBe('25P01')
  await router.query('begin isolation level repeatable read')
  await router.query(`update items set note = 'kept' where item_id in (1, 2, 3, 4)`)
  expect(await ask('commit and chain')).toBe('COMMIT')
  expect(await ask('show transaction_isolation')).toBe('SHOW')
  expect((await router.query('show transaction_isolation')).rows).toEqual([{ transaction_isolation: 'repeatable read' }])
  await router.query(`update items set note = 'lost' where item_id in (1, 2, 3, 4)`)
  expect(await ask('rollback and chain')).toBe('ROLLBACK')
  await router.query('rollback')
  expect(await ask(`select distinct note from items where item_id in (1, 2, 3, 4)`)).toEqual([['kept']])
  await router.query('begin')
  await router.query('set transaction isolation level serializable')
  expect(await ask('commit and chain')).toBe('0A000')
  await router.query('rollback')
})

test('window functions over shards need the key in each partition', async () => {
  expect(await ask('select item_id, row_number() over (partition by item_id) from items order by 1')).toEqual(keys.map((key) => [String(key), '1'])) // prettier-ignore
  expect(await ask('select item_id, row_number() over (order by item_id) from items')).toBe('0A000')
  expect(await ask('select item_id, sum(amount) over (partition by item_id), rank() over w from items window w as (partition by grp)')).toBe('0A000') // prettier-ignore
  expect(await ask('select row_number() over (order by item_id) from items where item_id = 3')).toEqual([['1']])
})

test('UNION is answered where one shard has all of it, and refused over several', async () => {
  const one = 'select item_id from items where item_id = 5'
  expect(await ask(`${one} union all ${one}`)).toEqual([['5'], ['5']])
  expect(await ask('select item_id from items union select amount from items')).toBe('0A000')
})

test('a cursor goes on inside of a transaction on one shard', async () => {
  await router.query('begin')
  await router.query('declare c cursor for select i.item_id, n from items i, generate_series(1, 3) n where i.item_id = 4 order by n')
  expect((await router.query('fetch 2 from c')).rowCount).toBe(2)
  expect((await router.query('fetch 2 from c')).rowCount).toBe(1)
  await router.query('close c')
  expect(await ask('declare d cursor for select item_id from items')).toBe('0A000')
  await router.query('rollback')
})
