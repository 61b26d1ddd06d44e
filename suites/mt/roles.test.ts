/** Super-administrators, who see every tenant and are seen doing it; and tenants with pools of their own. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { poolSize, withPools } from './pools.ts'
import { bring, enter, plantTenants, rowsEach } from './tenants.ts'

const spec = wish(withPools)

const everything = 'select tenant_id, count(*)::int as rows from orders group by 1 order by 1'

spec('MT-004', async (trial) => {
  const { stack, gateway, mint, connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  await using _tenants = await plantTenants(direct)
  const [loginMark, serverMark] = [gateway.mark(), stack.part('postgres-0').logMark()]
  const token = await mint({ claims: { role: 'super_admin', sub: 'root of all', tenant_id: 'tenant-0', jti: 'the one token' } })
  const enterAsAdmin = () => answered(connect({ token, user: 'super_admin' }), 'a super-administrator')
  await prove('all', async () => {
    const admin = await enterAsAdmin()
    const rows = ['tenant-a', 'tenant-b'].map((tenant_id) => JSON.stringify({ tenant_id, rows: rowsEach }))
    expect(await bring(admin, everything), 'what a super-administrator sees').toEqual(rows)
    expect((await bring(admin, 'select tenant_id from tenants')).length, 'tenants').toBe(2)
    const tenant = await enter(trial, 'tenant-a', { permissions: ['super_admin', 'all'] })
    expect(await bring(tenant, everything), 'what a tenant sees whose token names such a permission').toEqual(rows.slice(0, 1))
    // The same subject and tenant, with a token of another role.
    const sameUser = await enter(trial, 'tenant-0', { sub: 'root of all' })
    expect(await bring(sameUser, everything), 'what the same user sees with a common token').toEqual([])
  })
  await prove('audited', async () => {
    const admin = await enterAsAdmin()
    await bring(admin, everything)
    await bring(admin, 'begin')
    await bring(admin, 'select note as rolled_back from orders')
    await bring(admin, 'rollback')
    const logins = gateway.auditSince(loginMark).filter(({ user, sub }) => user === 'super_admin' && sub === 'root of all')
    expect(logins.length, 'logins on record').toBeGreaterThanOrEqual(1)
    const kept = await direct.query('select user_id, token_id, relation, statement from orochi.super_admin_access order by at desc limit 1')
    expect(kept.rows, 'the last access on record').toEqual([
      { user_id: 'root of all', token_id: 'the one token', relation: 'orders', statement: everything },
    ])
    for (const statement of [everything, 'select note as rolled_back from orders'])
      await expectLine(() => stack.part('postgres-0').logSince(serverMark), statement)
    expect(await bring(admin, 'delete from orochi.super_admin_access'), 'the record is not theirs to change').toEqual(['error 42501'])
  })
})

/** The server's log has a line that tells who saw what. */
async function expectLine(read: () => readonly { readonly text: string }[], statement: string): Promise<void> {
  const isOurs = ({ text }: { text: string }) =>
    text.includes('orochi super-admin access: user "root of all" token "the one token"') && text.includes(statement)
  for (let tries = 0; tries < 100 && !read().some(isOurs); tries++) await sleep(50)
  expect(read().filter(isOurs).length, `lines in the server's log about: ${statement}`).toBeGreaterThanOrEqual(1)
}

/** Holds every server connection of its pool, and one client more waits. */
async function saturate(clients: readonly pg.Client[]): Promise<AsyncDisposable & { waiting(): boolean }> {
  const [late, ...holders] = clients
  for (const holder of holders) await answered(holder.query('begin'), 'begin').then(() => answered(holder.query('select 1'), 'a query'))
  let waiting = true
  const turn = late!.query('select 1').then(
    () => (waiting = false),
    () => (waiting = false),
  )
  return {
    waiting: () => waiting,
    async [Symbol.asyncDispose]() {
      for (const holder of holders) await holder.query('rollback').catch(() => undefined)
      await turn
    },
  }
}

spec('MT-006', async (trial) => {
  const { connect, mint, measure, prove } = trial
  const ofA = await Promise.all(Array.from({ length: poolSize + 1 }, () => enter(trial, 'tenant-a')))
  const tokenOfB = await mint({ claims: { tenant_id: 'tenant-b' } })
  const b = await answered(connect({ token: tokenOfB }), 'a client of B')
  const askB = async () => {
    const start = performance.now()
    for (let i = 0; i < 10; i++) await answered(b.query('select orochi.tenant_id() as tenant, session_user as role'), 'a query of B', 3_000)
    return performance.now() - start
  }
  await askB()
  const alone = await askB()
  await prove('unslowed', async () => {
    await using pool = await saturate(ofA)
    const beside = await askB()
    expect(pool.waiting(), 'a client of A still waits for a connection while B has had its answers').toBe(true)
    const late = await answered(connect({ token: tokenOfB }), 'a client of B that comes late', 3_000)
    const { rows } = await answered(late.query('select orochi.tenant_id() as tenant, session_user as role'), 'its query', 3_000)
    expect(rows, 'who it is').toEqual([{ tenant: 'tenant-b', role: 'orochi_own' }])
    expect(pool.waiting(), 'A still waits').toBe(true)
    measure('ten queries of B alone', alone, 'ms')
    measure('ten queries of B while the pool of A is full', beside, 'ms')
  })
})
