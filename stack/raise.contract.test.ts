import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { mint } from '../fixtures/tokens.ts'
import { readLedger } from './ledger.ts'
import { familyOf, identify, isAlive } from './processes.ts'
import { raise } from './raise.ts'
import type { Login, Stack } from './stack.ts'
import { runFolder, stateRoot } from './state.ts'
import { scratchState } from './testing/scratch.ts'
import type { TopologyWish } from './topology.ts'
import { defaultTopology } from './wish.ts'

const limits = { timeout: 90_000 }
const wishing = (wish: TopologyWish) => defaultTopology({ pooler: { kind: 'router' } }, wish)
const raiseHere = (run: string, wish: TopologyWish): Promise<Stack> =>
  raise(wishing(wish), { run, provider: 'embedded', signal: AbortSignal.timeout(60_000) })

async function ask(login: Login | pg.ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const processesIn = (run: string) => readLedger(run).flatMap((line) => (line.kind === 'process' ? familyOf(line.process) : []))

test('the whole system: replicas, two shards on one server, pooler, gateway; its faults; and nothing left afterwards', limits, async () => {
  await using _ = scratchState()
  const stack = await raiseHere('whole', { shards: 2, servers: 1, replicas: 1 })
  expect(stack.parts().map(({ name }) => name)).toEqual(['postgres-0', 'postgres-0-replica-1', 'pooler-0', 'gateway-0'])
  const targets = stack.links().map(({ target }) => target)
  expect(targets.toSorted()).toEqual(['pooler-0', 'postgres-0', 'postgres-0-replica-1', 'replication-0-0', 'replication-0-1'])

  // Each shard is where the stack says it is, on the primary and on the replica, from the first moment on.
  for (const shard of [0, 1]) {
    const [seen] = await ask(
      stack.server(shard, 1),
      'select current_database() as db, pg_is_in_recovery() as standby, shard from orochi.shard',
    )
    expect(seen).toEqual({ db: `orochi_${shard}`, standby: true, shard })
    expect(await ask(stack.app(shard), 'select current_user as me')).toEqual([{ me: 'orochi_app' }])
  }
  expect(await ask(stack.pooler, 'select 1 as one')).toEqual([{ one: 1 }])
  // Reads may go to either.
  const seenOn = (target: string) => stack.link(target).recent()
  const messages = [...seenOn('postgres-0'), ...seenOn('postgres-0-replica-1')].map(({ text }) => text)
  expect(messages.join()).toContain('select 1 as one')

  // A token opens the front door.
  const { issuer, audience, keyId, privateKeyFile } = stack.issuer
  const token = await mint({ issuer, audience, keyId, privateKeyPem: readFileSync(privateKeyFile, 'utf8') })
  const { host, port, database, ca, servername } = stack.door
  const client = { host, port, database, user: stack.role, password: token, ssl: { ca, servername } }
  expect(await ask(client, 'select orochi.tenant_id() as tenant')).toEqual([{ tenant: 'tenant-a' }])

  // Nobody runs Postgres as root, whatever the harness is.
  expect(statSync(`${stack.part('postgres-0').dir}/data`).uid).not.toBe(0)

  // What is kept for a failure holds no secret.
  const told = JSON.stringify([await stack.settings(), await stack.snapshot(), stack.links().map((link) => link.recent())])
  for (const secret of [stack.pooler.password, stack.server(0).password, token]) expect(told).not.toContain(secret)
  expect(told).toContain('max_prepared_transactions')

  // A paused server pauses with all its children, and its death takes them too.
  const primary = stack.part('postgres-0')
  await primary.pause!()
  await expect(ask({ ...stack.server(0), connectionTimeoutMillis: 300 } as Login, 'select 1')).rejects.toThrow()
  await primary.resume!()
  const family = familyOf(identify(primary.pid!)!)
  expect(family.length).toBeGreaterThan(3)
  await primary.kill!('SIGKILL')
  expect(family.filter(isAlive)).toEqual([])
  const mark = primary.logMark()
  await primary.restart!()
  expect(await ask(stack.server(1), 'select count(*)::int as n from tenants')).toHaveLength(1)
  const words = primary.logSince(mark).map(({ text }) => text)
  // A pooler that looks after its servers knocks before this one is up again.
  const knocks = /FATAL: {2}the database system is (starting up|not yet accepting connections)/
  expect(words.filter((text) => /WARNING|ERROR|FATAL|PANIC/.test(text) && !knocks.test(text))).toEqual([])

  const everything = processesIn('whole')
  expect(everything.length).toBeGreaterThan(8)
  await primary.kill!('SIGKILL')
  await stack[Symbol.asyncDispose]()
  expect(everything.filter(isAlive)).toEqual([])
  expect(readdirSync(join(runFolder('whole'), 'stacks'))).toEqual([])
})

test('wired directly there is no link, and each stack has passwords of its own', limits, async () => {
  await using _ = scratchState()
  const wish: TopologyWish = { links: 'direct', replicas: 1 }
  const [one, two] = await Promise.all([raiseHere('direct', wish), raiseHere('direct', { ...wish, gateway: null })])
  await using __ = one
  await using ___ = two
  expect(() => one.link('postgres-0')).toThrow(expect.objectContaining({ code: 'not-wired' }))
  expect(await ask(one.pooler, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(one.server(0).password).not.toBe(two.server(0).password)
  await expect(ask({ ...one.server(0), password: two.server(0).password }, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect(() => two.door).toThrow(expect.objectContaining({ code: 'no-such-part' }))
})

test('one part that fails takes the others down with it, and says why', limits, async () => {
  await using _ = scratchState()
  const raising = raiseHere('failing', { programs: { gateway: 'stack/testing/talker.ts' }, gateway: { settings: {} } })
  await expect(raising).rejects.toMatchObject({
    code: expect.stringMatching(/part-died|port-taken|time-out|stack-did-not-rise/),
    message: expect.stringContaining('gateway-0'),
  })
  expect(processesIn('failing')).toEqual([])
  expect(readdirSync(join(runFolder('failing'), 'stacks'))).toEqual([])
})

test('a setting that Postgres does not know is told with its own words', limits, async () => {
  await using _ = scratchState()
  const raising = raiseHere('unknown-setting', { postgres: { settings: { no_such_setting: 'on' } }, gateway: null, pooler: null })
  await expect(raising).rejects.toMatchObject({ code: 'part-died', message: expect.stringContaining('no_such_setting') })
})

function raiseElsewhere(run: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'testing', 'raiser.ts'), run], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('two harnesses that fill the cold cache at once do not disturb each other', limits, async () => {
  await using _ = scratchState()
  const raisers = ['one', 'two'].map(raiseElsewhere)
  const words = await Promise.all(raisers.map(async ({ stdout }) => String((await once(stdout!, 'data'))[0]).trim()))
  expect(words).toEqual(['up', 'up'])
  expect(readdirSync(join(stateRoot(), 'cache', 'prepared'))).toHaveLength(1)
  for (const raiser of raisers) raiser.kill('SIGTERM')
  await Promise.all(raisers.map((raiser) => once(raiser, 'exit')))
})

test.for([60, 400, 1_100])('killed %d ms after it began, a harness leaves no process and no folder', limits, async (afterMs) => {
  await using _ = scratchState()
  const raiser = raiseElsewhere('killed')
  await expect.poll(() => existsSync(join(runFolder('killed'), 'stacks')), { timeout: 10_000, interval: 5 }).toBe(true)
  await sleep(afterMs)
  const family = processesIn('killed')
  process.kill(-raiser.pid!, 'SIGKILL')
  await expect.poll(() => existsSync(runFolder('killed')), { timeout: 30_000 }).toBe(false)
  expect(family.filter(isAlive)).toEqual([])
  const kept = readdirSync(stateRoot(), { recursive: true }).map(String)
  expect(kept.filter((name) => name.includes('.making-'))).toEqual([])
})
