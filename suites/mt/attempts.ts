/** What one tenant tries in order to see or to change rows of another, tenant-b. */
import { firstOrder } from './tenants.ts'

/** Each asks for everything, statement by statement. */
export const reads: Readonly<Record<string, string | readonly string[]>> = {
  'all rows': 'select tenant_id from orders',
  'a table': 'table tenants',
  'a condition that is always true': `select tenant_id from orders where tenant_id = 'tenant-b' or true`,
  'a sort': 'select tenant_id, note from orders order by tenant_id desc limit 100',
  'one value': 'select distinct tenant_id from orders',
  'a sub-select': 'select (select string_agg(tenant_id, $$ $$) from orders) as tenants',
  'a view of its own': ['begin', 'create temp view every as select * from orders', 'select tenant_id from every', 'rollback'],
  'a cursor': ['begin', 'declare every cursor for select tenant_id from orders', 'fetch all from every', 'commit'],
  'a lock': ['begin', 'select tenant_id from orders for update', 'commit'],
  'a function': [
    'begin',
    `create function pg_temp.every() returns setof text language sql as 'select tenant_id from public.orders'`,
    'select pg_temp.every()',
    'rollback',
  ],
  'a leak by an error': `select tenant_id from orders where 1 / (case when tenant_id = 'tenant-b' then 0 else 1 end) = 1`,
}

export const writes: Readonly<Record<string, string>> = {
  'an update of all': `update orders set note = 'changed by a', amount_cents = 0`,
  'an update of B': `update orders set note = 'changed by a' where tenant_id = 'tenant-b'`,
  'rows taken over': `update orders set tenant_id = 'tenant-a', order_id = order_id + 100 where tenant_id = 'tenant-b'`,
  'rows given away': `update orders set tenant_id = 'tenant-b', order_id = order_id + 200`,
  'a delete of B': `delete from orders where tenant_id = 'tenant-b'`,
  'a row in the name of B': `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-b', ${firstOrder} + 500, 1)`,
  'a row over one of B': `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-b', ${firstOrder} + 1, 0)
    on conflict (tenant_id, order_id) do update set amount_cents = 0`,
  'a merge': `merge into orders o using (values ('tenant-b')) v(t) on o.tenant_id = v.t when matched then delete`,
  'a copy': `copy orders (tenant_id, order_id, amount_cents) from program 'echo tenant-b,1,1'`,
  'all rows at once': 'truncate orders',
}

export const crossings: Readonly<Record<string, string>> = {
  'by name': `select * from orders where tenant_id = 'tenant-b'`,
  'by key': `select * from orders where tenant_id = 'tenant-b' and order_id = ${firstOrder + 1}`,
  'by a join': `select b.note, b.tenant_id from orders a join orders b on a.order_id = b.order_id and a.tenant_id <> b.tenant_id`,
  'by the name of the tenant': `select name from tenants where tenant_id = 'tenant-b'`,
  'by a join of two tables': `select t.name, o.note from tenants t join orders o using (tenant_id) where t.tenant_id = 'tenant-b'`,
  'by a union': `select note from orders where tenant_id = 'tenant-a' and false union all select note from orders where tenant_id = 'tenant-b'`,
  'by a count': `select 'some' as found from orders where tenant_id = 'tenant-b' having count(*) > 0`,
  'by what exists': `select 'some' as found where exists (select from orders where tenant_id = 'tenant-b')`,
}
