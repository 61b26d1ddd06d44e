/** What a client can do to its own identity by SQL: nothing, or lose it. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { forgeries } from '../mt/forgeries.ts'
import { bring, enter, leaveClean, plantTenants, rowsEach } from '../mt/tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

const tenantSql = `select coalesce(orochi.tenant_id(), '') as tenant`
const rowsSql = `select tenant_id from orders where tenant_id <> 'tenant-a' union all select tenant_id from tenants where tenant_id <> 'tenant-a'`

/** The change and the look in one statement, whichever of the two the server does first. */
const atOnce = [
  `select set_config('orochi.tenant_id', 'tenant-b', false) as x, o.tenant_id from orders o where tenant_id = 'tenant-b'`,
  `with x as materialized (select set_config('orochi.tenant_id', 'tenant-b', false)) select o.tenant_id from x, orders o where tenant_id = 'tenant-b'`,
  `select o.tenant_id from orders o where set_config('orochi.tenant_id', 'tenant-b', false) = 'tenant-b' and tenant_id = 'tenant-b'`,
]

spec('SEC-123', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  await using _clean = leaveClean(direct)
  await using _tenants = await plantTenants(direct)
  const looks: { what: string; tenants: readonly string[]; rows: readonly string[] }[] = []
  for (const { what, statements } of forgeries()) {
    const a = await enter(trial, 'tenant-a')
    for (const sql of statements) await bring(a, sql)
    const inside = [await bring(a, tenantSql), await bring(a, rowsSql)] as const
    await bring(a, 'rollback')
    const after = [await bring(a, tenantSql), await bring(a, rowsSql)] as const
    looks.push({ what, tenants: [...inside[0], ...after[0]], rows: [...inside[1], ...after[1]] })
    await a.end()
  }
  const bound = await enter(trial, 'tenant-a')
  for (const name of ['orochi.tenant_id', 'orochi.claims', 'request.jwt.claims']) {
    await bring(bound, 'select set_config($1, $2, false)', [name, 'tenant-b'])
    looks.push({ what: `${name} by parameters`, tenants: await bring(bound, tenantSql), rows: await bring(bound, rowsSql) })
  }
  await trial.prove('tenant', () => {
    // In a transaction that an error has ended nothing can be asked.
    const allowed = ['{"tenant":"tenant-a"}', '{"tenant":""}', 'error 25P02']
    for (const { what, tenants } of looks) for (const tenant of tenants) expect(allowed, `${what}: ${tenant}`).toContain(tenant)
  })
  await trial.prove('rows', async () => {
    for (const { what, rows } of looks)
      expect(
        rows.filter((row) => row !== 'error 25P02'),
        what,
      ).toEqual([])
    const fresh = await enter(trial, 'tenant-a')
    for (const sql of atOnce) expect(await bring(fresh, sql), sql).toEqual([])
    const b = await enter(trial, 'tenant-b')
    expect(await bring(b, 'select distinct tenant_id from orders'), 'another tenant after all these').toEqual(['{"tenant_id":"tenant-b"}'])
  })
})

const losses: readonly (readonly string[])[] = [
  ['reset orochi.claims'],
  ['reset all'],
  ['discard all'],
  ['set orochi.claims to default'],
  ['set session orochi.claims to default'],
  [`set orochi.claims = ''`],
  [`select set_config('orochi.claims', null, false)`],
  [`select set_config('orochi.claims', '', false)`],
  ['do $$ begin reset orochi.claims; end $$'],
  ['do $$ begin reset all; end $$'],
  ['begin', 'reset orochi.claims', 'commit'],
  ['begin', 'reset all', 'rollback'],
  ['set orochi.tenant_id to default', 'reset orochi.claims'],
]

/** All of a tenant's own rows, or none. */
const closed = [JSON.stringify({ own: rowsEach, others: 0, tenant: 'tenant-a' }), JSON.stringify({ own: 0, others: 0, tenant: '' })]
const lookSql = `select count(*) filter (where tenant_id = 'tenant-a')::int as own, count(*) filter (where tenant_id <> 'tenant-a')::int as others,
  coalesce(orochi.tenant_id(), '') as tenant from orders`

spec('SEC-124', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  await using _clean = leaveClean(direct)
  await using tenants = await plantTenants(direct)
  const before = await tenants.truth()
  await trial.prove('closed', async () => {
    for (const statements of losses) {
      const what = statements.join('; ')
      const a = await enter(trial, 'tenant-a')
      for (const sql of statements) await bring(a, sql)
      for (let look = 0; look < 2; look++) expect(closed, what).toContain((await bring(a, lookSql)).join())
      await bring(a, `update orders set note = 'changed' where tenant_id = 'tenant-b' or orochi.tenant_id() is null`)
      await a.end()
      const b = await enter(trial, 'tenant-b')
      expect(await bring(b, 'select count(*)::int as rows from orders'), `B after A said: ${what}`).toEqual([`{"rows":${rowsEach}}`])
      await b.end()
    }
    expect(await tenants.truth(), 'the rows').toEqual(before)
  })
  await trial.prove('told', async () => {
    const a = await enter(trial, 'tenant-a')
    for (const sql of [
      'select orochi.demand_claims()',
      `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-a', 1, 1)`,
    ]) {
      await bring(a, `set orochi.claims = ''`)
      const error = await a.query(sql).then(
        () => ({}),
        (refusal: { code?: string; message: string }) => ({ code: refusal.code, message: refusal.message }),
      )
      expect(error, sql).toEqual({ code: '28000', message: 'claims missing: reconnect' })
    }
    expect(await bring(await enter(trial, 'tenant-a'), lookSql), 'after reconnecting').toEqual(closed.slice(0, 1))
  })
})
