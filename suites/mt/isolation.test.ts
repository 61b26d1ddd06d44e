/** One tenant among others: what it sees, what it can change, and whom it can pretend to be. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { forgeries } from './forgeries.ts'
import { bring, enter, firstOrder, plantTenants, rowsEach } from './tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** Each asks for everything, statement by statement. */
const reads: Readonly<Record<string, string | readonly string[]>> = {
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

spec('MT-001', async (trial) => {
  await using _tenants = await plantTenants(await trial.connect({ direct: 'server' }))
  const a = await enter(trial, 'tenant-a')
  await trial.prove('own-rows', async () => {
    expect(await bring(a, 'select count(*)::int as rows from orders'), 'rows of A').toEqual([JSON.stringify({ rows: rowsEach })])
    for (const [what, statements] of Object.entries(reads)) {
      const rows: string[] = []
      for (const sql of [statements].flat()) rows.push(...(await bring(a, sql)))
      expect(rows.join('\n'), what).not.toMatch(/tenant-b|name of b|error 22012/)
      expect(rows.join('\n'), `${what}: its own rows`).toMatch(/tenant-a/)
    }
  })
})

const writes: Readonly<Record<string, string>> = {
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

spec('MT-002', async (trial) => {
  await using tenants = await plantTenants(await trial.connect({ direct: 'server' }))
  const ofB = async () => (await tenants.truth()).filter((row) => !row.includes('tenant-a'))
  const before = await ofB()
  const a = await enter(trial, 'tenant-a')
  await trial.prove('unchanged', async () => {
    expect(before.length, 'rows of B').toBe(rowsEach + 1)
    for (const [what, sql] of Object.entries(writes)) {
      await bring(a, sql)
      expect(await ofB(), `rows of B after ${what}`).toEqual(before)
    }
    await bring(a, 'delete from orders')
    expect(
      (await tenants.truth()).filter((row) => row.startsWith('(tenant-a') && row.includes('note of')),
      'A can delete its own',
    ).toEqual([])
  })
})

const crossings: Readonly<Record<string, string>> = {
  'by name': `select * from orders where tenant_id = 'tenant-b'`,
  'by key': `select * from orders where tenant_id = 'tenant-b' and order_id = ${firstOrder + 1}`,
  'by a join': `select b.note, b.tenant_id from orders a join orders b on a.order_id = b.order_id and a.tenant_id <> b.tenant_id`,
  'by the name of the tenant': `select name from tenants where tenant_id = 'tenant-b'`,
  'by a join of two tables': `select t.name, o.note from tenants t join orders o using (tenant_id) where t.tenant_id = 'tenant-b'`,
  'by a union': `select note from orders where tenant_id = 'tenant-a' and false union all select note from orders where tenant_id = 'tenant-b'`,
  'by a count': `select 'some' as found from orders where tenant_id = 'tenant-b' having count(*) > 0`,
  'by what exists': `select 'some' as found where exists (select from orders where tenant_id = 'tenant-b')`,
}

spec('MT-003', async (trial) => {
  await using _tenants = await plantTenants(await trial.connect({ direct: 'server' }))
  const a = await enter(trial, 'tenant-a')
  await trial.prove('nothing', async () => {
    for (const [what, sql] of Object.entries(crossings)) expect(await bring(a, sql), what).toEqual([])
    for (const [what, sql] of Object.entries(crossings)) expect(await bring(a, `${sql} -- $1`, []), `${what}, prepared`).toEqual([])
    const named = await bring(a, `select note from orders where tenant_id = $1`, ['tenant-b'])
    expect(named, 'by a parameter').toEqual([])
    // B as database, as user and as host: refused, or a session of A.
    const token = await trial.mint({ claims: { tenant_id: 'tenant-a' } })
    const query = 'select distinct tenant_id from orders'
    for (const named of [{ database: 'tenant-b' }, { user: 'tenant-b' }, { database: 'tenant-b.orochi' }]) {
      const attempt = await trial.gateway.attempt(token, { ...named, query })
      expect(attempt.ok ? attempt.rows : [{ tenant_id: 'tenant-a' }], JSON.stringify(named)).toEqual([{ tenant_id: 'tenant-a' }])
    }
  })
})

spec('MT-005', async (trial) => {
  await using _tenants = await plantTenants(await trial.connect({ direct: 'server' }))
  const look = `select coalesce(orochi.tenant_id(), '') as tenant, (select count(*)::int from orders where tenant_id <> 'tenant-a') as others`
  const own = ['{"tenant":"tenant-a","others":0}', '{"tenant":"","others":0}']
  await trial.prove('tenant', async () => {
    for (const { what, statements } of forgeries()) {
      const a = await enter(trial, 'tenant-a')
      for (const sql of statements) await bring(a, sql)
      const [inside = ''] = await bring(a, look)
      await bring(a, 'rollback')
      const [after = ''] = await bring(a, look)
      await a.end()
      // A statement that was refused leaves a transaction in which nothing can be asked.
      expect([...own, 'error 25P02'], `${what}: ${inside}`).toContain(inside)
      expect(own, `${what}, afterwards: ${after}`).toContain(after)
    }
    const token = await trial.mint({ claims: { tenant_id: 'tenant-a' } })
    for (const startup of [{ options: '-c orochi.tenant_id=tenant-b' }, { 'orochi.tenant_id': 'tenant-b' }] as Record<string, string>[]) {
      const attempt = await trial.gateway.attempt(token, { startup, query: look })
      expect(attempt.ok ? attempt.rows?.[0] : { tenant: 'tenant-a', others: 0 }, JSON.stringify(startup)).toEqual({
        tenant: 'tenant-a',
        others: 0,
      })
    }
    const commented = await trial.gateway.attempt(token, { query: `/* orochi.tenant_id=tenant-b pgdog_sharding_key: tenant-b */ ${look}` })
    expect(commented.rows?.[0], 'a comment').toEqual({ tenant: 'tenant-a', others: 0 })
  })
})
