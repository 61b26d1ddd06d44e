import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raise } from '../raise.ts'
import type { Stack } from '../stack.ts'
import { defaultTopology } from '../wish.ts'

/** The router dies at each step of its own commit in two phases: after it has come again, every shard has all or none has anything. */
let stack: Stack
const servers: pg.Client[] = []

beforeAll(async () => {
  const topology = defaultTopology({
    pooler: { kind: 'router' },
    gateway: null,
    shards: 3,
    servers: 1,
    sharding: { twoPhaseCommit: true },
    programs: { router: 'reference/router/testing/dies-at-step.ts' },
  })
  stack = await raise(topology, { run: `router-dies-${process.pid}`, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  for (const shard of [0, 1, 2]) servers.push(await open(stack.server(shard)))
}, 90_000)

afterAll(async () => {
  for (const client of servers) await client.end()
  await stack?.[Symbol.asyncDispose]()
}, 60_000)

async function open(login: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

const countOf = async (sql: string): Promise<number> => {
  const all = await Promise.all(servers.map((server) => server.query<{ n: number }>(sql)))
  return all.reduce((sum, { rows }) => sum + rows[0]!.n, 0)
}
const rowsOf = (group: string) => countOf(`select count(*)::int as n from items where grp = '${group}'`)
/** In the whole server, which all shards lie on. */
const prepared = async () => (await servers[0]!.query('select from pg_prepared_xacts')).rowCount

const keys = Array.from({ length: 9 }, (_, at) => at + 1)

/** What becomes of the rows; `either`: the router had died before anybody could tell. */
const fates = [
  ['begun', 0],
  ['prepared', 0],
  ['all-prepared', 0],
  ['decided', keys.length],
  ['committed', keys.length],
  ['all-committed', keys.length],
] as const

test.each(fates)('when it dies at "%s", %i rows are there after it has come again', { timeout: 60_000 }, async (step, rows) => {
  const part = stack.part('pooler-0')
  const client = await open(stack.pooler)
  await client.query('begin')
  for (const key of keys) await client.query(`insert into items (item_id, grp) values (${fates.findIndex(([one]) => one === step) * 100 + key}, '${step}')`) // prettier-ignore
  writeFileSync(join(part.dir, 'die-at'), step)
  await expect(client.query('commit')).rejects.toThrow()
  await expect.poll(() => part.alive(), { timeout: 10_000 }).toBe(false)
  rmSync(join(part.dir, 'die-at'))
  await part.restart!()
  await expect.poll(prepared, { timeout: 20_000 }).toBe(0)
  expect(await rowsOf(step)).toBe(rows)
  const again = await open(stack.pooler)
  expect((await again.query(`select count(*)::int as n from items where grp = '${step}'`)).rows).toEqual([{ n: rows }])
  await again.end()
})
