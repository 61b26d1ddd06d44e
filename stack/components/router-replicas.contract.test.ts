import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

let stack: Stack
let router: pg.Client
let replica: pg.Client

beforeAll(async () => {
  const topology = defaultTopology({ pooler: { kind: 'router' }, gateway: null, replicas: 1, split: { maxLagMs: 500 } })
  stack = await raise(topology, { run: `router-replicas-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  const primary = await open(stack.server(0))
  await primary.query('alter table tenants no force row level security; alter table tenants disable row level security')
  await primary.end()
  replica = await open(stack.server(0, 1))
  router = await open(stack.pooler)
}, 90_000)

afterAll(async () => {
  for (const client of [router, replica]) await client?.end()
  await stack?.[Symbol.asyncDispose]()
}, 60_000)

async function open(login: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

const where = 'select pg_is_in_recovery() as standby'
const standby = async (text = where): Promise<unknown> => (await router.query<{ standby: boolean }>(text)).rows[0]?.standby
const becomes = (expected: boolean) => expect.poll(() => standby(), { timeout: 10_000, interval: 20 }).toBe(expected)

test('reads go to the replica, whatever writes or asks for the primary does not', async () => {
  await becomes(true)
  expect((await router.query({ text: where, values: [] })).rows).toEqual([{ standby: true }])
  expect(await standby("insert into tenants values ('a', 'x') returning pg_is_in_recovery() as standby")).toBe(false)
  expect(await standby('select pg_is_in_recovery() as standby from tenants for update')).toBe(false)
  expect(await standby("with w as (update tenants set name = 'y' returning 1) select pg_is_in_recovery() as standby from w")).toBe(false)
  expect(await standby(`/* orochi_role: primary */ ${where}`)).toBe(false)
  await router.query("set orochi.role = 'primary'")
  expect(await standby()).toBe(false)
  await router.query('reset orochi.role')
  expect(await standby()).toBe(true)
})

test('a transaction stays on one server: the primary, or a replica when it is said to write nothing', async () => {
  const backend = async () => (await router.query('select pg_backend_pid() as pid, pg_is_in_recovery() as standby')).rows[0]
  await router.query('begin')
  const first = await backend()
  expect(first).toMatchObject({ standby: false })
  await router.query("insert into tenants values ('b', 'x')")
  expect(await backend()).toEqual(first)
  await router.query('commit')
  await router.query('begin read only')
  expect(await standby()).toBe(true)
  await expect(router.query("insert into tenants values ('c', 'x')")).rejects.toMatchObject({ code: '25006' })
  await router.query('rollback')
})

test('a replica that falls behind is left out until it has caught up', async () => {
  await becomes(true)
  await replica.query('select pg_wal_replay_pause()')
  await router.query("insert into tenants values ('d', 'x')")
  await becomes(false)
  await replica.query('select pg_wal_replay_resume()')
  await becomes(true)
})

test('when the replica dies, reads go on', async () => {
  await becomes(true)
  await stack.part('postgres-0-replica-1').kill?.('SIGKILL')
  for (let i = 0; i < 10; i++) expect(await standby()).toBe(false)
})
