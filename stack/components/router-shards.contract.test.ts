import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

/** The router over three shards, beside one plain database with the same rows: the truth. */
const shards = 3
let stack: Stack
let router: pg.Client
let truth: pg.Client
const servers: pg.Client[] = []

const tables = `
  create table tenants (tenant_id text primary key, name text not null);
  create table orders (tenant_id text not null, order_id bigint not null, amount_cents bigint not null, note text,
    created_at timestamptz not null default now(), primary key (tenant_id, order_id));
  create table countries (code text primary key, name text not null)`

beforeAll(async () => {
  const topology = defaultTopology({ pooler: { kind: 'router' }, gateway: null, shards, servers: 1 })
  stack = await raise(topology, { run: `router-shards-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  for (let shard = 0; shard < shards; shard++) servers.push(await open(stack.server(shard)))
  for (const server of servers) {
    await server.query(`alter table orders no force row level security; alter table tenants no force row level security;
      alter table orders disable row level security; alter table tenants disable row level security;
      grant insert, update, delete on countries to orochi_app`)
  }
  await servers[0]?.query('create database truth')
  truth = await open({ ...stack.server(0), database: 'truth' })
  await truth.query(tables)
  router = await open(stack.pooler)
  await both("insert into countries values ('AA', 'Aland'), ('BB', 'Borduria')")
  await truth.query(
    "insert into countries select code, name from (values ('CH', 'Switzerland'), ('DE', 'Germany'), ('FR', 'France'), ('IT', 'Italy'), ('JP', 'Japan'), ('NZ', 'New Zealand')) v (code, name)",
  )
  for (let i = 0; i < 12; i++) {
    await both(`insert into tenants values ('t${i}', 'name${i % 3}')`)
    for (let j = 0; j < 5; j++)
      await both(
        `insert into orders values ('t${i}', ${j}, ${(i * 37 + j * 11) % 50}, ${j % 2 ? `'n${j}'` : 'null'}, '2026-01-0${1 + j} 00:00:00Z')`,
      )
  }
}, 90_000)

afterAll(async () => {
  for (const client of [router, truth, ...servers]) await client?.end()
  await stack?.[Symbol.asyncDispose]()
}, 60_000)

async function open(login: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function both(text: string): Promise<void> {
  await router.query(text)
  await truth.query(text)
}

async function outcome(client: pg.Client, text: string, values?: unknown[]): Promise<unknown> {
  try {
    const result = await client.query({ text, ...(values ? { values } : {}), rowMode: 'array' })
    return {
      command: result.command,
      rows: result.rows,
      count: result.rowCount,
      columns: result.fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
    }
  } catch (error) {
    return { sqlstate: (error as pg.DatabaseError).code }
  }
}

test.each<[string, unknown[]?]>([
  ['select count(*) from orders'],
  ['select tenant_id, order_id, row_number() over (partition by tenant_id order by amount_cents desc, order_id) from orders order by 1, 2'],
  [
    'select tenant_id, order_id, sum(amount_cents) over w, rank() over (w order by order_id) from orders window w as (partition by tenant_id) order by 1, 2 limit 9',
  ],
  [
    'select tenant_id, lag(amount_cents) over (partition by note, tenant_id order by order_id) l, order_id from orders where order_id > $1 order by 1, 3',
    [1],
  ],
  ['select count(*), sum(amount_cents), min(note), max(created_at), avg(amount_cents) from orders'],
  ['select count(*) as n, coalesce(sum(amount_cents), 0) + 1 from orders where amount_cents > $1', [1000]],
  ['select name, count(*) from tenants group by name order by name'],
  ['select name, count(*) from tenants group by 1 order by 2 desc, 1 limit 2 offset 1'],
  [
    'select t.name, sum(o.amount_cents) total from tenants t join orders o using (tenant_id) group by t.name having count(*) > $1 order by total desc',
    [3],
  ],
  [
    'select order_id % 2 as par, avg(amount_cents)::numeric(10,2), count(*) filter (where note is null) from orders group by order_id % 2 order by par',
  ],
  ['select tenant_id, order_id from orders order by amount_cents desc, tenant_id, order_id limit 7 offset 3'],
  ['select tenant_id from orders order by amount_cents + order_id, tenant_id desc limit $1 offset $2', [5, 2]],
  ['select * from orders order by note nulls first, 1, 2 desc'],
  ['select distinct note from orders order by note desc'],
  ['select distinct name, length(name) from tenants order by 2, name'],
  ['select count(distinct tenant_id) from orders'],
  ['select upper(name) as u, count(*) from tenants group by u order by u'],
  ["select date_trunc('day', created_at at time zone 'UTC') d, sum(amount_cents) from orders group by 1 order by d"],
  ["select c.name, count(*) from countries c join orders o on o.note = 'n1' group by c.name order by c.name"],
  ["select case when count(*) > 3 then 'many' else 'few' end, name from tenants group by name order by name"],
  ['select max(name) from tenants where false'],
  ['select sum(amount_cents) from orders having count(*) > 1000'],
  ['select name from tenants order by name limit -1'],
  ['select tenant_id, count(*) from orders group by tenant_id having count(*) > 2 order by tenant_id'],
  ["select tenant_id, string_agg(note, ',' order by order_id) from orders group by tenant_id order by 1"],
  ['select t.tenant_id, count(*) from orders o left join tenants t on t.tenant_id = o.tenant_id and false group by t.tenant_id order by 1'],
  ['select bool_and(amount_cents > 3), bool_or(note is null), every(true) from orders'],
  ['select avg(amount_cents::float8), sum(amount_cents::int4), sum(amount_cents::numeric) from orders'],
  ['select name || $1, count(*) from tenants group by name || $1 order by 1', ['!']],
  ['select "name" as "Weird ""Name", count(*) from tenants group by 1 order by "Weird ""Name"'],
  ['select tenant_id from orders where amount_cents is distinct from 3 order by tenant_id, order_id fetch first 3 rows only'],
  ['select nosuch from orders order by 1'],
  ['select name, count(*) from tenants order by 1'],
  ['select sum(amount_cents / (order_id - 2)) from orders'],
  ["select t.name, o.order_id from tenants t join orders o using (tenant_id) where tenant_id = 't3' order by 2"],
  ["select count(*) from orders where tenant_id in ('t1', 't2', 't3')"],
  ['select count(*) from orders o where amount_cents > (select avg(amount_cents) from orders i where i.tenant_id = o.tenant_id)'],
])('the shards answer as one database: %s', async (text, values) => {
  const [ours, theirs] = [await outcome(router, text, values), await outcome(truth, text, values)]
  expect(ours).toEqual(theirs)
  if (values === undefined) expect(await outcome(router, `${text} -- prepared`, [])).toEqual(theirs)
})

test.each<[string]>([
  ['select count(distinct note) from orders'],
  ["select string_agg(name, ',') from tenants"],
  ['select row_number() over (order by name) from tenants'],
  ['select name from tenants order by name collate "C"'],
  ['select tenant_id from tenants union select note from orders'],
  ['select * from tenants t join orders o on o.note = t.name'],
  ['select * from countries c left join tenants t on true'],
  ['select * from orders where amount_cents > (select avg(amount_cents) from orders)'],
])('what would be wrong is refused: %s', async (text) => {
  expect(await outcome(router, text)).toEqual({ sqlstate: '0A000' })
})

/** Keys on each shard, and where the database's own hash says they belong. */
async function misplaced(): Promise<unknown[]> {
  const found = servers.map((server, shard) =>
    server.query(`select tenant_id from tenants where orochi.get_shard_index(orochi.hash_value(tenant_id), ${shards}) <> ${shard}
      union all select tenant_id from orders where orochi.get_shard_index(orochi.hash_value(tenant_id), ${shards}) <> ${shard}`),
  )
  return (await Promise.all(found)).flatMap(({ rows }) => rows)
}

test('rows of one INSERT go each to its shard, come back in their order, and stand together', async () => {
  const returned = await outcome(
    router,
    "insert into tenants (name, tenant_id) values ('x', $1), ($2, $3), ('z', 'i4'), ('z', 'i5') returning tenant_id",
    ['i1', 'y', 'i3'],
  )
  expect(returned).toMatchObject({ command: 'INSERT', count: 4, rows: [['i1'], ['i3'], ['i4'], ['i5']] })
  expect(await outcome(router, "insert into tenants values ('i6', 'x'), ('i7', 'x'), ('i8', 'x'), ('i1', 'again')")).toEqual({
    sqlstate: '23505',
  })
  expect(await outcome(router, "select count(*) from tenants where tenant_id like 'i%'")).toMatchObject({ rows: [['4']] })
  expect(await misplaced()).toEqual([])
  expect(await outcome(router, "delete from tenants where tenant_id like 'i%'")).toMatchObject({ command: 'DELETE', count: 4 })
})

test('a transaction over shards is seen whole or not at all; savepoints too', async () => {
  const names = async () =>
    (await router.query({ text: "select tenant_id from tenants where name = 'tx' order by 1", rowMode: 'array' })).rows.flat()
  for (const text of ['begin', "insert into tenants values ('x1', 'tx')", "insert into tenants values ('x2', 'tx')"])
    await router.query(text)
  expect(await names()).toEqual(['x1', 'x2'])
  await router.query('savepoint s')
  await router.query("insert into tenants values ('x3', 'tx'), ('x4', 'tx'), ('x5', 'tx')")
  await router.query('rollback to s')
  expect(await names()).toEqual(['x1', 'x2'])
  await router.query('rollback')
  expect(await names()).toEqual([])
  await router.query("begin; insert into tenants values ('x1', 'tx'), ('x2', 'tx'), ('x3', 'tx'); commit")
  expect(await names()).toEqual(['x1', 'x2', 'x3'])
  expect(await outcome(router, "insert into tenants values ('x7', 'tx'); insert into tenants values ('x8', 'tx'); select 1/0")).toEqual({
    sqlstate: '22012',
  })
  expect(await names()).toEqual(['x1', 'x2', 'x3'])
  await router.query("delete from tenants where name = 'tx'")
})

test('a reference table is written everywhere, and read from one shard', async () => {
  expect(await outcome(router, "insert into countries values ('XX', 'x') returning code")).toMatchObject({ count: 1, rows: [['XX']] })
  for (const server of servers) expect((await server.query("select from countries where code = 'XX'")).rowCount).toBe(1)
  expect(await outcome(router, "delete from countries where code = 'XX'")).toMatchObject({ count: 1 })
})

test('definitions reach every shard; views over sharded tables are not read past', async () => {
  await servers[0]?.query('grant create on schema public to orochi_app')
  for (const server of servers.slice(1)) await server.query('grant create on schema public to orochi_app')
  await router.query('create table local_things (a int); create view v as select tenant_id from tenants')
  for (const server of servers) expect((await server.query("select from pg_class where relname = 'local_things'")).rowCount).toBe(1)
  expect(await outcome(router, 'select * from v')).toEqual({ sqlstate: '0A000' })
  await router.query('insert into local_things values (1), (2)')
  expect(await outcome(router, 'select count(*) from local_things')).toMatchObject({ rows: [['2']] })
  await router.query('drop view v; drop table local_things')
})

test('settings follow a client to whatever shard it comes, and end with their transaction', async () => {
  await router.query("set application_name = 'it''s me'")
  const seen = async () =>
    (await router.query("select current_setting('application_name') as name from tenants where tenant_id in ('t1', 't2', 't3', 't4')")).rows
  expect(new Set((await seen()).map(({ name }) => String(name)))).toEqual(new Set(["it's me"]))
  await router.query('begin')
  await router.query("select set_config('application_name', $1, true)", ['for a while'])
  expect(new Set((await seen()).map(({ name }) => String(name)))).toEqual(new Set(['for a while']))
  await router.query('commit')
  expect(new Set((await seen()).map(({ name }) => String(name)))).toEqual(new Set(["it's me"]))
  await router.query('reset application_name')
})

test('a failed transaction says so once for each statement, however it is sent, and can be rolled back', async () => {
  for (const failing of ['select nosuch from tenants', "select nosuch from tenants where tenant_id = 't1'", 'selec']) {
    await router.query('begin')
    await expect(router.query(failing)).rejects.toMatchObject({ code: failing === 'selec' ? '42601' : '42703' })
    expect(await outcome(router, 'select count(*) from tenants where tenant_id = $1', ['t1'])).toEqual({ sqlstate: '25P02' })
    expect(await outcome(router, 'select count(*) from tenants', [])).toEqual({ sqlstate: '25P02' })
    expect(await outcome(router, 'rollback')).toMatchObject({ command: 'ROLLBACK' })
  }
  // One error, although the server refuses what it is sent first and the router what comes then.
  expect(await outcome(router, 'select row_number() over () from nosuch, tenants where note = $1', ['x'])).toMatchObject({
    sqlstate: expect.any(String),
  })
  expect(await outcome(router, 'select 1 as one')).toMatchObject({ rows: [[1]] })
})
