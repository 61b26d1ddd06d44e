/** What a client that leaves gives back: its server connection, at once, with nothing of it left on it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered, faultOf, firstText, type Probe } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { openRaw } from './raw.ts'

const poolSize = 5
const spec = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'CONN-013'>, 'stack' | 'mint' | 'connect'>

/** From the close to the rest of the server connection. */
const promisedMs = 1000
const patienceMs = 2500

const leavings: Readonly<Record<string, (probe: Probe) => void>> = {
  'in good order': (probe) => probe.quit(),
  'with a reset': (probe) => probe.reset(),
}

/** What came of one server connection; times count from the close, null: not while somebody was watching. */
interface Aftermath {
  readonly how: string
  readonly idleMs: number | null
  readonly cleanMs: number | null
  readonly servedMs: number | null
  readonly left: string
  /** Who is served next, and what it finds. */
  readonly next: Found | Error
}

interface Found {
  readonly pid: number
  readonly work_mem: string
  readonly legacy: string | null
}

spec('CONN-013', async (trial) => {
  const { connect, random, prove, measure, attach } = trial
  const key = 2_000_000_000 + Math.floor(random() * 1e8)
  const direct = await connect({ direct: 'server' })
  const room: Aftermath[] = []
  const others: number[] = []
  const failure = await (async () => {
    const nexts = await Promise.all(Object.keys(leavings).map(() => open(trial)))
    for (let index = 1; index < poolSize; index++) others.push(await hold(await open(trial)))
    for (const [at, how] of Object.keys(leavings).entries())
      room.push(await leave(trial, { direct, others, next: nexts[at]!, how, key: key + at }))
  })().then(
    () => undefined,
    (error: unknown) => error,
  )
  attach('aftermath.json', JSON.stringify(room, null, 1))
  const expectEach = (judge: (aftermath: Aftermath) => void) => {
    if (failure) throw failure
    expect(room).toHaveLength(2)
    for (const aftermath of room) judge(aftermath)
  }

  await prove('idle', () =>
    expectEach(({ how, idleMs, servedMs, next, left }) => {
      expect(idleMs, `left ${how}; idle within ${patienceMs} ms; now: ${left}`).not.toBeNull()
      expect(servedMs, `left ${how}; somebody else is served: ${String(next)}`).not.toBeNull()
      expect(others, `left ${how}; whoever is served next takes the place that became free`).not.toContain((next as Found).pid)
    }),
  )
  await prove('clean', () =>
    expectEach(({ how, cleanMs, left, next }) => {
      expect(cleanMs, `left ${how}; clean within ${patienceMs} ms; still there: ${left}`).not.toBeNull()
      expect(next, `left ${how}; what the next client finds`).toMatchObject({ legacy: null })
      expect((next as Found).work_mem, `left ${how}; the setting of the former client`).not.toBe(ownSetting)
    }),
  )
  await prove('in-time', () =>
    expectEach(({ how, idleMs, cleanMs, servedMs }) => {
      for (const [what, ms] of Object.entries({ idle: idleMs, clean: cleanMs, served: servedMs })) {
        if (ms !== null) measure(`${what}_after`, ms, 'ms')
        expect(ms ?? Infinity, `left ${how}; ${what} after so many ms`).toBeLessThan(promisedMs)
      }
    }),
  )
})

const open = async ({ connect, mint }: Ways): Promise<pg.Client> => answered(connect({ token: await mint() }), 'a client')

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await answered(client.query<{ pid: number }>('select pg_backend_pid() as pid'), 'a short query')
  return rows[0]?.pid ?? 0
}

async function hold(client: pg.Client): Promise<number> {
  await answered(client.query('begin'), 'begin')
  return pidOf(client)
}

const ownSetting = '4321kB'

/** The last place in the pool is taken by one that leaves things behind, and leaves in the midst of its transaction. */
interface Departure {
  readonly direct: pg.Client
  readonly others: readonly number[]
  readonly next: pg.Client
  readonly how: string
  readonly key: number
}

async function leave(trial: Ways, { direct, others, next, how, key }: Departure): Promise<Aftermath> {
  await using probe = await openRaw(trial)
  const pid = await settleIn(probe, key)
  expect(new Set([...others, pid]).size, 'server connections in use').toBe(poolSize)
  leavings[how]!(probe)
  const closedAt = performance.now()
  const watched = await watch(direct, { pid, key, closedAt })
  const askedAt = performance.now()
  const found = await serve(next, key)
  // How long nobody asked for it, although it was to be had, is no delay of the pooler's.
  const readyMs = Math.max(watched.idleMs ?? 0, watched.cleanMs ?? 0)
  const servedMs = found instanceof Error ? null : readyMs + performance.now() - askedAt
  // What was judged above is not left to other entries: the only free place leads to the same server connection.
  if (watched.cleanMs === null && servedMs !== null) await answered(next.query('select pg_advisory_unlock_all()'), 'tidying up')
  return { how, ...watched, servedMs, next: found }
}

async function settleIn(probe: Probe, key: number): Promise<number> {
  const say = async (sql: string) => {
    const answer = await probe.query(sql)
    expect(faultOf(answer), sql).toBe('')
    return answer
  }
  await say(`set work_mem = '${ownSetting}'`)
  await say('begin')
  await say(`insert into orders (tenant_id, order_id, amount_cents, note) values ('tenant-a', ${key}, 1, 'left behind')`)
  await say(`create temporary table legacy_${key} as select note from orders where order_id = ${key}`)
  await say(`select pg_advisory_lock(${key})`)
  return Number(firstText(await say('select pg_backend_pid()')))
}

/** Until the server connection is idle and nothing of its former client is on it, as a superuser sees it from outside. */
async function watch(direct: pg.Client, { pid, key, closedAt }: { readonly pid: number; readonly key: number; readonly closedAt: number }) {
  let [idleMs, cleanMs, left]: [number | null, number | null, string] = [null, null, '']
  for (;;) {
    const { rows } = await direct.query<{ state: string; things: string[] }>(traces, [pid, `legacy_${key}`, key])
    const ms = performance.now() - closedAt
    const { state, things } = rows[0]!
    left = `${state}; ${things.join(', ') || 'nothing'}`
    const idle = state === 'idle' || state === 'gone'
    if (idle) idleMs ??= ms
    if (things.length === 0) cleanMs ??= ms
    const done = idle && things.length === 0
    if (done || ms > patienceMs) return { idleMs, cleanMs, left }
    await sleep(10)
  }
}

const traces = `select coalesce((select case when xact_start is null then state else state || ' in a transaction' end from pg_stat_activity where pid = $1), 'gone') as state,
  array(select distinct locktype || ' lock' from pg_locks where pid = $1)
  || array(select 'table ' || relname from pg_class where relname = $2)
  || array(select 'order ' || order_id from orders where order_id = $3) as things`

/** Whoever comes next has the pool's only free place. */
async function serve(next: pg.Client, key: number): Promise<Found | Error> {
  const sql = `select pg_backend_pid() as pid, current_setting('work_mem') as work_mem, to_regclass('legacy_${key}')::text as legacy`
  try {
    return (await answered(next.query<Found>(sql), 'the next client', patienceMs)).rows[0]!
  } catch (error) {
    return error as Error
  }
}
