/** What a token says reaches the policies of a table. The stand-in for the extension is the SQL that every stack is set up with. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'

const spec = wish({})

spec('OROCHI-008', async ({ connect, stack, mint, prove }) => {
  const direct = await connect({ direct: 'server' })
  const table = `profiles_${randomBytes(4).toString('hex')}`
  await using scope = new AsyncDisposableStack()
  await direct.query(`create table ${table} (owner text, note text); grant select on ${table} to ${stack.app(0).user};
    insert into ${table} values ('user-1', 'of user-1'), ('user-2', 'of user-2'), ('', 'of nobody');
    alter table ${table} enable row level security;
    create policy own on ${table} using (owner = current_setting('request.jwt.claim.sub', true))`)
  scope.defer(async () => void (await direct.query(`drop table ${table}`)))
  const seen: unknown[] = []
  for (const sub of ['user-1', 'user-2', 'user-3']) {
    const client = await connect({ token: await mint({ claims: { sub } }) })
    seen.push((await answered(client.query<{ note: string }>(`select note from ${table}`), 'a select')).rows.map(({ note }) => note))
  }
  await prove('subject', () => {
    expect(seen).toEqual([['of user-1'], ['of user-2'], []])
  })
})

spec('OROCHI-009', async ({ connect, mint, prove }) => {
  const direct = await connect({ direct: 'server' })
  const orderId = 3_000_000_000 + Math.floor(Math.random() * 1e9)
  await using scope = new AsyncDisposableStack()
  await direct.query(
    `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-a', $1, 1), ('tenant-b', $1, 2), ('tenant-c', $1, 3)`,
    [orderId],
  )
  scope.defer(async () => void (await direct.query('delete from orders where order_id = $1', [orderId])))
  const seen: unknown[] = []
  for (const tenant_id of ['tenant-a', 'tenant-b']) {
    const client = await connect({ token: await mint({ claims: { tenant_id } }) })
    const all = await answered(
      client.query<{ tenant_id: string }>('select tenant_id from orders where order_id = $1', [orderId]),
      'a select',
    )
    const other = await answered(
      client.query('select from orders where order_id = $1 and tenant_id <> $2', [orderId, tenant_id]),
      'a select',
    )
    seen.push([all.rows.map((row) => row.tenant_id), other.rowCount])
  }
  await prove('own-rows', () => {
    expect(seen).toEqual([
      [['tenant-a'], 0],
      [['tenant-b'], 0],
    ])
  })
})
