import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

let stack: Stack
let router: pg.Client
const servers: pg.Client[] = []
const apps: pg.Client[] = []

beforeAll(async () => {
  const topology = defaultTopology({ pooler: { kind: 'router' }, gateway: null, shards: 2, sharding: { twoPhaseCommit: true } })
  stack = await raise(topology, { run: `router-two-phase-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  for (const shard of [0, 1]) {
    servers.push(await open(stack.server(shard)))
    apps.push(await open(stack.app(shard)))
    await servers[shard]?.query(`alter table tenants no force row level security; alter table tenants disable row level security;
      alter table tenants add constraint late unique (name) deferrable initially deferred`)
  }
  router = await open(stack.pooler)
}, 90_000)

afterAll(async () => {
  for (const client of [router, ...apps, ...servers]) await client?.end()
  await stack?.[Symbol.asyncDispose]()
}, 60_000)

async function open(login: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Keys on shard 1 and on shard 0, by the database's own hash. */
const [here, there] = ['a', 'd']

const prepared = async (): Promise<string[]> =>
  (await servers[0]!.query<{ gid: string }>('select gid from pg_prepared_xacts')).rows.map(({ gid }) => gid)
const keys = async () => {
  const all = await Promise.all(servers.map((server) => server.query<{ tenant_id: string }>('select tenant_id from tenants order by 1')))
  return all.map(({ rows }) => rows.map(({ tenant_id: key }) => key))
}
const statements = (shard: number): string =>
  JSON.stringify(
    stack
      .link(`postgres-${shard}`)
      .recent()
      .map(({ text }) => text),
  )

test('what two shards write is prepared on both, committed on both, and leaves nothing prepared', async () => {
  await router.query(`begin; insert into tenants values ('${here}', '1'); insert into tenants values ('${there}', '2')`)
  await router.query('commit')
  expect(await keys()).toEqual([[there], [here]])
  for (const shard of [0, 1]) {
    expect(statements(shard)).toContain('PREPARE TRANSACTION')
    expect(statements(shard)).toContain('COMMIT PREPARED')
  }
  await expect.poll(prepared).toEqual([])
  await router.query(`delete from tenants where tenant_id in ('${here}', '${there}')`)
  expect(await keys()).toEqual([[], []])
})

test('when one shard cannot prepare, no shard keeps anything', async () => {
  await servers[1]!.query("insert into tenants values ('zz', 'taken')")
  await router.query(`begin; insert into tenants values ('${there}', 'x'); insert into tenants values ('${here}', 'taken')`)
  await expect(router.query('commit')).rejects.toMatchObject({ code: '23505' })
  expect(await keys()).toEqual([[], ['zz']])
  await expect.poll(prepared).toEqual([])
  expect((await router.query('select count(*)::int as n from tenants')).rows).toEqual([{ n: 1 }])
  await servers[1]!.query('delete from tenants')
})

const identity = (): string => readFileSync(join(stack.part('pooler-0').dir, '2pc', 'identity'), 'utf8').trim()

test('a prepared transaction that nobody owns and nothing decides is rolled back; those of others are left alone', async () => {
  await apps[0]!.query(`begin; insert into tenants values ('${there}', 'o'); prepare transaction 'orochi_${identity()}-x-1_0'`)
  await servers[1]!.query("begin; insert into tenants values ('q', 'o'); prepare transaction 'another'")
  await expect.poll(prepared, { timeout: 10_000 }).toEqual([])
  expect(await servers[1]!.query('select gid from pg_prepared_xacts')).toMatchObject({ rows: [{ gid: 'another' }] })
  await servers[1]!.query("rollback prepared 'another'")
  expect(await keys()).toEqual([[], []])
})

test('what was decided before a crash is carried out after it', async () => {
  const part = stack.part('pooler-0')
  const id = `${identity()}-x-2`
  await part.kill?.('SIGKILL')
  for (const [shard, key] of [there, here].entries()) {
    await apps[shard]!.query(`begin; insert into tenants values ('${key}', 'd'); prepare transaction 'orochi_${id}_${shard}'`)
  }
  const participants = [0, 1].map((shard) => ({ shard, user: stack.pooler.user }))
  appendFileSync(join(part.dir, '2pc', 'decisions'), `${JSON.stringify({ committed: { id, database: 'orochi', participants } })}\n`)
  await part.restart?.()
  await expect.poll(keys, { timeout: 10_000 }).toEqual([[there], [here]])
})
