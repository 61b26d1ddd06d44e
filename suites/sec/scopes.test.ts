/** A token for reading reads. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { bring, enter, firstOrder, plantTenants, rowsEach } from '../mt/tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

const insert = `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-a', ${firstOrder} + 700, 1)`

/** Each would change a row of the tenant's own. */
const writes: Readonly<Record<string, string>> = {
  'an insert': insert,
  'an update': 'update orders set amount_cents = 0',
  'a delete': 'delete from orders',
  'a merge': `merge into orders o using (values ('tenant-a')) v(t) on o.tenant_id = v.t when matched then delete`,
  'an insert or update': `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-a', ${firstOrder} + 1, 0) on conflict (tenant_id, order_id) do update set amount_cents = 0`,
  'a write in a common table expression': 'with gone as (delete from orders returning 1) select * from gone',
  'a block': `do $$ begin ${insert}; end $$`,
  'a block that goes on after errors': `do $$ begin begin ${insert}; exception when others then null; end; update orders set amount_cents = 0; end $$`,
}

/** By which a client may hope to widen what its token allows. */
const wideners = [
  `set orochi.permissions = 'write'`,
  `set request.jwt.claims = '{"permissions":["write"]}'`,
  'set default_transaction_read_only = off',
  'set row_security = off',
]

spec('SEC-011', async (trial) => {
  await using tenants = await plantTenants(await trial.connect({ direct: 'server' }))
  const before = await tenants.truth()
  await trial.prove('refused', async () => {
    for (const narrow of [
      { scope: 'read' },
      { permissions: ['read', 'writer'] },
      { scope: [] },
      { scope: 'read', permissions: ['list'] },
    ]) {
      const reader = await enter(trial, 'tenant-a', narrow)
      expect((await bring(reader, 'select 1 from orders')).length, `rows read with ${JSON.stringify(narrow)}`).toBe(rowsEach)
      for (const [what, sql] of Object.entries(writes)) {
        expect(await bring(reader, sql), `${what} with ${JSON.stringify(narrow)}`).toEqual(['error 42501'])
      }
      for (const widener of wideners) {
        await bring(reader, widener)
        expect((await bring(reader, insert)).join(), `an insert after: ${widener}`).toMatch(/^error /)
      }
      await bring(reader, 'reset row_security')
      await reader.end()
    }
    expect(await tenants.truth(), 'the rows afterwards').toEqual(before)
    for (const wide of [{ scope: 'read write' }, { permissions: ['write'] }, {}]) {
      const writer = await enter(trial, 'tenant-a', wide)
      expect(await bring(writer, `${insert} returning 1 as one`), `an insert with ${JSON.stringify(wide)}`).toEqual(['{"one":1}'])
      expect(await bring(writer, `delete from orders where order_id = ${firstOrder} + 700 returning 1 as one`)).toEqual(['{"one":1}'])
    }
  })
})
