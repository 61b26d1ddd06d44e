/** Names that an attacker puts in front of those that policies and other tenants mean. */
import type pg from 'pg'
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { forgedClaims } from '../mt/forgeries.ts'
import { bring, enter, firstOrder, plantTenants, rowsEach } from '../mt/tenants.ts'
import { attemptRaw } from './raw-login.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** A schema in which the pooled role may create what it likes, and which everybody can use: as if its owner had opened it. */
async function openSchema(direct: pg.Client): Promise<AsyncDisposable> {
  await direct.query(
    'drop schema if exists attacker cascade; create schema attacker; grant all on schema attacker to orochi_app; grant usage on schema attacker to public',
  )
  return { [Symbol.asyncDispose]: async () => void (await direct.query('drop schema attacker cascade')) }
}

/** Stand-ins for everything that the verification calls: were one of them taken, any claims at all would hold. */
const shadows = [
  `create function attacker.sha256(bytea) returns bytea language sql immutable as $$ select pg_catalog.sha256('x') $$`,
  `create function attacker.ne(bytea, bytea) returns boolean language sql immutable as 'select false'`,
  'create operator attacker.<> (leftarg = bytea, rightarg = bytea, function = attacker.ne)',
  `create function attacker.current_setting(text, boolean) returns text language sql as $$ select case $1 when 'orochi.claims' then ${quoted(forgedClaims())} else pg_catalog.current_setting($1, $2) end $$`,
  `create function attacker.take(jsonb, text) returns text language sql immutable as $$ select case $2 when 'tenant_id' then 'tenant-b' else pg_catalog.jsonb_object_field_text($1, $2) end $$`,
  'create operator attacker.->> (leftarg = jsonb, rightarg = text, function = attacker.take)',
  `create function attacker.same(text, text) returns boolean language sql immutable as 'select true'`,
  'create operator attacker.= (leftarg = text, rightarg = text, function = attacker.same)',
  `create table attacker.claims_key as select 'c1'::text as key_id, ''::bytea as inner_pad, ''::bytea as outer_pad, 'local'::text as cluster, null::text as branch`,
  `create function attacker.tenant_id() returns text language sql as $$ select 'tenant-b' $$`,
]

function quoted(text: string): string {
  return `'${text.replaceAll(`'`, `''`)}'`
}

const paths = ['attacker, pg_catalog, public', 'attacker, pg_temp, pg_catalog, orochi', `pg_temp, attacker, pg_catalog, public`]
const rowsSql = `select tenant_id::varchar(20) as tenant from public.orders`

spec('SEC-128', async (trial) => {
  const { stack, mint, connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  await using _tenants = await plantTenants(direct)
  await using _schema = await openSchema(direct)
  await prove('start-up', async () => {
    const token = await mint()
    for (const startup of [{ search_path: 'attacker' }, { options: '-c search_path=attacker' }, { options: '--search-path=attacker' }]) {
      const { refusal } = await attemptRaw(stack, { token, startup })
      expect(refusal ?? 'a session', JSON.stringify(startup)).toBe('FATAL 0A000')
    }
  })
  await prove('shadowed', async () => {
    const a = await enter(trial, 'tenant-a')
    for (const sql of shadows) expect(await bring(a, sql), sql).toEqual([])
    const own = Array.from({ length: rowsEach }, () => '{"tenant":"tenant-a"}')
    for (const path of paths) {
      await bring(a, `set search_path = ${path}`)
      expect(await bring(a, rowsSql), path).toEqual(own)
      await bring(a, `begin`)
      await bring(a, `set local orochi.claims = ${quoted(forgedClaims())}`)
      expect(await bring(a, rowsSql), `${path}, with claims of its own making`).toEqual([])
      await bring(a, 'rollback')
      const function_ = await bring(a, 'select orochi.tenant_id() as tenant')
      expect(function_, `orochi.tenant_id() with ${path}`).toEqual(['{"tenant":"tenant-a"}'])
    }
    await a.end()
  })
  await prove('temporary', async () => {
    const a = await enter(trial, 'tenant-a')
    await bring(a, 'create temp table orders (like public.orders)')
    const b = await enter(trial, 'tenant-b')
    try {
      const insert = `insert into orders (tenant_id, order_id, amount_cents, note) values ('tenant-b', ${firstOrder} + 900, 1, 'secret of b')`
      await bring(b, insert)
      const stored = await direct.query(`select note from public.orders where order_id = ${firstOrder} + 900`)
      expect(stored.rows, 'what B has written, in the table that it means').toEqual([{ note: 'secret of b' }])
      expect((await bring(a, 'select note from orders')).join(), 'what A reads in the table of that name').not.toContain('secret of b')
    } finally {
      await bring(a, 'drop table if exists pg_temp.orders')
    }
  })
})
