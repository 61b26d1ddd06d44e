import { expect, test } from 'vitest'
import { Refused } from '../refused.ts'
import { Tables, type Catalogue } from '../schema/tables.ts'
import { parseText } from '../sql/syntax.ts'
import { analyse } from './analysis.ts'
import { routeOf, type RouteContext } from './route.ts'
import type { Raw } from './keys.ts'

const column = (name: string, unstableDefault = false) => ({ name, unstableDefault })
const catalogue: Catalogue = {
  columns: new Map([
    ['orders', [column('tenant_id'), column('order_id'), column('amount')]],
    ['tenants', [column('tenant_id'), column('name')]],
    ['events', [column('id'), column('kind')]],
    ['countries', [column('code'), column('name')]],
    ['stamped', [column('code'), column('at', true)]],
    ['local', [column('x')]],
    ['v_orders', [column('tenant_id')]],
  ]),
  views: new Set(['v_orders']),
  children: new Map([['orders_2024', 'orders']]),
  aggregates: new Set(['count', 'sum', 'avg', 'min', 'max', 'row_number']),
  isVolatile: (name) => ['nextval', 'random', 'pg_is_in_recovery', 'my_write'].includes(name),
  oneCollation: true,
}
const tables = new Tables(
  [
    { name: 'orders', column: 'tenant_id', type: 'text' },
    { name: 'tenants', column: 'tenant_id', type: 'text' },
    { name: 'events', column: 'id', type: 'int8' },
  ],
  ['countries', 'stamped'],
  catalogue,
)

/** Keys name their shards by their first letter or by their number. */
const context: RouteContext = {
  shards: 4,
  shardOf: (key) => ('bytes' in key ? key.bytes[0]! - 97 : Number(key.value)) % 4,
  plainText: true,
  sessionKey: () => null,
}

function route(text: string, values: readonly Raw[] = [], further: Partial<RouteContext> = {}): string {
  try {
    const [parsed] = parseText(text)
    const found = routeOf(analyse(parsed!, tables), (number) => values[number - 1] ?? null, { ...context, ...further })
    if (found.kind === 'one') return String(found.shard)
    if (found.kind === 'several') return found.shards.join()
    return found.kind === 'rows' ? [...found.rows].map(([shard, rows]) => `${shard}:${rows.join('+')}`).join() : found.kind
  } catch (error) {
    if (error instanceof Refused) return error.sqlstate
    throw error
  }
}

const text = (value: string): Raw => ({ form: 'text', bytes: Buffer.from(value) })

test.each<[string, string]>([
  ["select * from orders where tenant_id = 'b'", '1'],
  ["select * from public.orders where 'b' = orders.tenant_id and amount > 3", '1'],
  ["select * from orders o where o.tenant_id in ('b', 'd')", '1,3'],
  ["select * from orders o where o.tenant_id = any (array['b', 'd'])", '1,3'],
  ["select * from orders where tenant_id = 'b' or tenant_id = 'c' and amount = 1", '1,2'],
  ["select * from orders where tenant_id = 'b' or amount = 1", '0,1,2,3'],
  ["select * from orders where not tenant_id = 'b'", '0,1,2,3'],
  ["select * from orders where tenant_id <> 'b'", '0,1,2,3'],
  ["select * from orders where tenant_id = lower('B')", '0,1,2,3'],
  ['select * from orders where tenant_id = null', '0'],
  ["select * from orders_2024 where tenant_id = 'b'", '1'],
  ['select * from events where id = 7', '3'],
  ["select * from events where id = '7'::int", '3'],
  ['select * from events where id = 7.5', '0,1,2,3'],
  ["select * from orders join tenants using (tenant_id) where tenant_id = 'c'", '2'],
  ["select * from orders o join tenants t on o.tenant_id = t.tenant_id and t.tenant_id = 'c'", '2'],
  ["select * from orders o left join tenants t on o.tenant_id = t.tenant_id and t.tenant_id = 'c'", '0,1,2,3'],
  ["select * from orders o left join tenants t on o.tenant_id = t.tenant_id where o.tenant_id = 'c'", '2'],
  ["select * from orders o left join tenants t on o.tenant_id = 'c'", '0A000'],
  ["select * from orders o, tenants t where o.tenant_id = 'c' and t.tenant_id = 'g'", '2'],
  ["select * from orders o, tenants t where o.tenant_id = 'c' and t.tenant_id = 'd'", '0A000'],
  ['select * from orders o join tenants t on o.tenant_id = t.name', '0A000'],
  ['select * from orders o natural join tenants t', '0A000'],
  ['select * from orders o full join tenants t using (tenant_id)', '0A000'],
  ['select * from countries', 'any'],
  ['select 1', 'any'],
  ["select nextval('s')", '0'],
  ['select * from local', '0'],
  ["select * from local, orders where tenant_id = 'a'", '0'],
  ["select * from local, orders where tenant_id = 'b'", '0A000'],
  ['select * from local, orders', '0A000'],
  ['select * from v_orders', '0A000'],
  ['select * from countries c left join orders o on true', '0A000'],
  ['select * from orders o left join countries c on true', '0,1,2,3'],
  ['select * from countries c where exists (select from orders where note = code)', '0A000'],
  ["select * from countries c where exists (select from orders where tenant_id = 'd' and note = code)", '3'],
  ["select * from (select * from orders) s where s.tenant_id = 'b'", '1'],
  ["select * from (select * from orders limit 3) s where s.tenant_id = 'b'", '0A000'],
  ["select * from (select tenant_id, count(*) from orders group by 1) s where s.tenant_id = 'b'", '1'],
  ['select * from (select count(*) from orders) s', '0A000'],
  ["with s as (select * from orders) select * from s where tenant_id = 'b'", '1'],
  ["with s as (select * from orders where tenant_id = 'd') select * from s, s s2", '3'],
  ['with s as (select * from orders) select * from s, s s2', '0A000'],
  ["select * from orders where tenant_id in (select tenant_id from tenants where tenant_id = 'b')", '1'],
  ['select * from orders where amount > (select avg(amount) from orders)', '0A000'],
  ['select * from orders o where amount > (select avg(amount) from orders i where i.tenant_id = o.tenant_id)', '0,1,2,3'],
  ["select * from orders where tenant_id = 'b' union all select * from orders where tenant_id = 'f'", '1'],
  ["select * from orders where tenant_id = 'b' union all select * from orders where tenant_id = 'c'", '0A000'],
  ["update orders set amount = 1 where tenant_id = 'c'", '2'],
  ['update orders set amount = 1', '0,1,2,3'],
  ["update orders set tenant_id = 'd' where tenant_id = 'c'", '0A000'],
  ["update orders set tenant_id = 'g' where tenant_id = 'c'", '2'],
  ["update orders o set amount = 1 from tenants t where t.tenant_id = o.tenant_id and t.tenant_id = 'd'", '3'],
  ["delete from orders using tenants t where t.tenant_id = orders.tenant_id and orders.tenant_id = 'd'", '3'],
  ["delete from orders where tenant_id in ('a', 'b')", '0,1'],
  ["insert into orders values ('b', 1, 2)", '1'],
  ["insert into orders (amount, tenant_id) values (1, 'd')", '3'],
  ["insert into orders values ('b', 1, 2), ('c', 1, 2), ('f', 1, 2)", '1:0+2,2:1'],
  ["insert into orders values ('b', 1, 2), ('f', 1, 2)", '1'],
  ['insert into orders (amount) values (1)', '0A000'],
  ['insert into orders default values', '0A000'],
  ["insert into orders values (lower('b'), 1, 2)", '0A000'],
  ['insert into orders values (null, 1, 2)', '23502'],
  ["insert into orders values ('b', 1, 2) on conflict (tenant_id) do update set tenant_id = 'x'", '0A000'],
  ['insert into events values (99999999999999999999, 1)', '22P02'],
  ["insert into orders select * from orders where tenant_id = 'c'", '2'],
  ['insert into orders select tenant_id, 1, 2 from tenants', '0,1,2,3'],
  ['insert into orders select name, 1, 2 from tenants', '0A000'],
  ["insert into orders select 'b', 1, 2 from countries", '1'],
  ["insert into countries values ('x', 'y')", 'everywhere'],
  ["insert into countries values ('x', random())", '0A000'],
  ["insert into stamped (code) values ('x')", '0A000'],
  ["insert into stamped (code, at) values ('x', '2026-01-01')", 'everywhere'],
  ['update countries set name = code', 'everywhere'],
  ['update countries set name = (select max(name) from tenants)', '0A000'],
  ["with w as (delete from orders where tenant_id = 'b' returning *) select * from w", '1'],
  ['with w as (delete from orders returning *) select * from w', '0A000'],
  ['merge into orders using countries on true when matched then delete', '0A000'],
  ['do $$ begin end $$', '0A000'],
  ['create role x', '0A000'],
  ['create table x as select * from orders', '0A000'],
  ['select * into x from orders', '0A000'],
  ['selec 1', '42601'],
])('%s → %s', (statement, expected) => {
  expect(route(statement)).toBe(expected)
})

test.each<[string, readonly Raw[], string]>([
  ['select * from orders where tenant_id = $1', [text('c')], '2'],
  ['select * from orders where tenant_id = $1', [{ form: 'null' }], '0'],
  ['select * from orders where tenant_id = $1', [{ form: 'binary', bytes: Buffer.from('c'), oid: 25 }], '2'],
  ['select * from orders where tenant_id = $1', [{ form: 'binary', bytes: Buffer.from('c'), oid: 1042 }], '0,1,2,3'],
  ['select * from orders where tenant_id = $1::text', [{ form: 'text', bytes: Buffer.from('05'), oid: 23 }], '0,1,2,3'],
  ['select * from events where id = $1', [text(' 6 ')], '2'],
  ['select * from orders where tenant_id = any ($1)', [text('{b,"d"}')], '1,3'],
  ['select * from orders where tenant_id = any ($1::text[])', [text('{ b , NULL}')], '1'],
  ['select * from orders where tenant_id = any ($1)', [text('{}')], '0'],
  ['select * from orders where tenant_id = any ($1)', [text('{{b},{d}}')], '0,1,2,3'],
  ['select * from orders where tenant_id = any ($1)', [{ form: 'text', bytes: Buffer.from('{b}'), oid: 3807 }], '0,1,2,3'],
  [
    'select * from events where id = any ($1)',
    [{ form: 'binary', bytes: Buffer.from('0000000100000000000000140000000100000001000000080000000000000007', 'hex'), oid: 1016 }],
    '3',
  ],
  ['select * from orders where tenant_id <> all ($1)', [text('{b}')], '0,1,2,3'],
  ['select * from events where id = $1', [text('0x6')], '0,1,2,3'],
  ['select * from events where id = $1', [{ form: 'binary', bytes: Buffer.from([0, 0, 0, 6]), oid: 23 }], '2'],
  ['select * from events where id = $1', [{ form: 'binary', bytes: Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]), oid: 0 }], '3'],
  ['insert into orders values ($1, 1, 2), ($2, 1, 2)', [text('a'), text('b')], '0:0,1:1'],
  ['insert into events values ($1, 1)', [text('six')], '22P02'],
])('%s with %j → %s', (statement, values, expected) => {
  expect(route(statement, values)).toBe(expected)
})

test('a session that stands for a key stays on its shard where a statement names none', () => {
  const own: Partial<RouteContext> = { sessionKey: (type) => (type === 'text' ? { type, bytes: Buffer.from('d') } : null) }
  expect(route('select count(*) from orders', [], own)).toBe('3')
  expect(route("select count(*) from orders where tenant_id = 'b'", [], own)).toBe('1')
  expect(route('select count(*) from events', [], own)).toBe('0,1,2,3')
})

test('texts that are not in the encoding of the database are routed only when they are ASCII', () => {
  expect(route('select * from orders where tenant_id = $1', [text('é')], { plainText: false })).toBe('0,1,2,3')
  expect(route('select * from orders where tenant_id = $1', [text('b')], { plainText: false })).toBe('1')
})

test.each<[string, string]>([
  ['do $$ begin end $$', 'home'],
  ['merge into orders using countries on true when matched then delete', 'home'],
  ['create role x', 'home'],
  ['select * into x from orders', 'home'],
  ['insert into orders default values', 'home'],
  ['copy orders from stdin', 'home'],
  ['select count(*) from orders', 'read'],
  ['begin', 'transaction'],
  ['set a.b = 1', 'session'],
])('with one shard nothing is refused: %s is %s', (statement, kind) => {
  const single = new Tables([], [], catalogue, true)
  const [parsed] = parseText(statement)
  const analysis = analyse(parsed!, single)
  expect(analysis.kind).toBe(kind)
  if (kind === 'home') expect(routeOf(analysis, () => null, { ...context, shards: 1 })).toEqual({ kind: 'one', shard: 0 })
})
