import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { findPgdog } from './components/pgdog-binary.ts'
import { raise } from './raise.ts'
import type { Login, Stack } from './stack.ts'
import type { TopologyWish } from './topology.ts'
import { defaultTopology } from './wish.ts'

let stack: Stack | undefined

afterEach(async () => {
  await stack?.[Symbol.asyncDispose]()
  stack = undefined
}, 60_000)

async function ask(login: Login, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

const attempt = (login: Login, sql: string) =>
  ask(login, sql).then(
    () => 'done',
    (error: Error) => error.message,
  )
/** The rows are nobody's tenant's: what is tried is where they go. */
const write = (login: Login, code: string) => attempt(login, `insert into orochi_proof values ('${code}')`)
const written = async (login: Login) => (await ask(login, 'select code from orochi_proof order by 1')).map(({ code }) => code)

async function up(wish: TopologyWish): Promise<Stack> {
  const run = `failover-${process.pid}`
  stack = await raise(defaultTopology({ gateway: null }, wish), { run, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  await ask(stack.server(0), 'create table orochi_proof (code text primary key); grant all on orochi_proof to orochi_app')
  return stack
}

const kinds = ['router', ...(findPgdog() === null ? [] : ['pgdog'])] as ('router' | 'pgdog')[]

test.for(kinds)('%s finds the replica that was promoted', { timeout: 120_000 }, async (kind) => {
  const { failover, pooler, server } = await up({ pooler: { kind, roles: 'found' }, replicas: 1 })
  expect(await write(pooler, 'before')).toBe('done')
  await expect(failover.promote('postgres-0-replica-1')).rejects.toThrow(/fence it before/)
  await failover.fence('postgres-0')
  await failover.promote('postgres-0-replica-1')
  expect(failover.primaryOf(0).name).toBe('postgres-0-replica-1')
  await expect.poll(() => write(pooler, 'after'), { timeout: 20_000 }).toBe('done')
  expect(await written(server(0, 1))).toEqual(['after', 'before'])
})

test('replicas follow the promoted one, a fenced one writes nothing and comes back as a replica', { timeout: 120_000 }, async () => {
  const { failover, server, part } = await up({ pooler: null, replicas: 2, postgres: { synchronous: 1 } })
  await failover.fence('postgres-0')
  await failover.promote('postgres-0-replica-1')
  expect(await ask(server(0, 1), 'show synchronous_standby_names')).toEqual([{ synchronous_standby_names: 'ANY 1 (replica_2)' }])
  expect(await write(server(0, 1), 'after')).toBe('done')
  await expect.poll(() => written(server(0, 2)), { timeout: 20_000 }).toEqual(['after'])

  await part('postgres-0').restart?.()
  expect(await write(server(0), 'to the fenced one')).toMatch(/read-only/)
  await failover.rejoin('postgres-0')
  expect(await written(server(0))).toEqual(['after'])
  await failover.fence('postgres-0-replica-1')
  await failover.promote('postgres-0')
  expect(await write(server(0), 'back')).toBe('done')
})
