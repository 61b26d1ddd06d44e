/** One tenant among others: what it sees, what it can change, and whom it can pretend to be. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { attemptRaw } from '../sec/raw-login.ts'
import { crossings, reads, writes } from './attempts.ts'
import { forgeries } from './forgeries.ts'
import { bring, enter, leaveClean, plantTenants, rowsEach } from './tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

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
  const direct = await trial.connect({ direct: 'server' })
  await using _clean = leaveClean(direct)
  await using _tenants = await plantTenants(direct)
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
      const { refusal, row } = await attemptRaw(trial.stack, { token, startup, sql: 'select orochi.tenant_id()' })
      expect(refusal === null ? row : ['tenant-a'], JSON.stringify(startup)).toEqual(['tenant-a'])
    }
    const commented = await trial.gateway.attempt(token, { query: `/* orochi.tenant_id=tenant-b pgdog_sharding_key: tenant-b */ ${look}` })
    expect(commented.rows?.[0], 'a comment').toEqual({ tenant: 'tenant-a', others: 0 })
  })
})
