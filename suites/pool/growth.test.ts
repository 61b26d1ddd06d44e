/** How the pool of server connections comes and goes: opened ahead, grown under load, shrunk at rest; told by Postgres. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { clients, countedServers, hold, pidOf, release, seen, serversOf } from './pools.ts'
import { least, most, pooled } from './topology.ts'
import { wish } from '../kit.ts'

const spec = wish(pooled)

spec('POOL-001', async ({ stack, connect, prove }) => {
  const direct = await connect({ direct: 'server' })
  const part = stack.part('pooler-0')
  const mine = () => serversOf(direct, stack.app(0))
  await part.kill!('SIGKILL')
  expect(await seen(mine, (pids) => pids.length === 0, 10_000), 'server connections while there is no pooler').toEqual([])
  await part.restart!()
  const pids = await seen(mine, ({ length }) => length >= least, 10_000)
  await prove('opened', () => {
    expect(pids.length, 'server connections before any client came').toBeGreaterThanOrEqual(least)
    expect(pids.length, 'and not more than were asked for').toBeLessThanOrEqual(least)
  })
})

spec('POOL-002', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  const holders = await clients(trial, most)
  const pids = await Promise.all(holders.map((holder) => hold(holder).catch(() => 0)))
  const open = await serversOf(direct, trial.stack.app(0))
  await trial.prove('grown', () => {
    expect(new Set(pids).size, 'server connections that hold a transaction').toBe(most)
    expect(open, 'connections that Postgres counts').toEqual(pids.toSorted((a, b) => a - b))
  })
  await trial.prove('bounded', async () => {
    const further = await clients(trial, 3)
    const waiting = further.map((client) => client.query('select 1').catch(() => null))
    const counted = await seen(
      () => serversOf(direct, trial.stack.app(0)),
      ({ length }) => length > most,
      500,
    )
    expect(counted.length, 'connections while three clients more ask').toBe(most)
    await release(holders)
    await Promise.all(waiting)
  })
})

spec('POOL-003', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  const mine = () => serversOf(direct, trial.stack.app(0))
  const holders = await clients(trial, most)
  await Promise.all(holders.map(hold))
  expect((await mine()).length, 'a grown pool').toBe(most)
  await release(holders)
  await Promise.all(holders.map((holder) => holder.end()))
  const pids = await seen(mine, ({ length }) => length <= least, 20_000)
  trial.measure('left', pids.length, 'connections')
  await trial.prove('shrunk', async () => {
    expect(pids.length, 'connections after the time for idle ones').toBe(least)
    // It stays there.
    const later = await seen(mine, ({ length }) => length < least, 1_000)
    expect(later.length, 'connections a second later').toBe(least)
  })
})

spec('POOL-005', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  const holders = await clients(trial, most)
  const before = await Promise.all(holders.map(hold))
  await release(holders)
  await direct.query(`select pg_terminate_backend(pid, 5000) from unnest($1::int[]) pid`, [before])
  // Whoever was told of the end of a connection comes again, as any client would.
  const again = await clients(trial, most)
  const answers: number[] = []
  const failures: string[] = []
  for (let round = 0; round < 3; round++)
    await Promise.all(
      again.map((client) =>
        pidOf(client).then(
          (pid) => answers.push(pid),
          (error: Error) => failures.push(error.message),
        ),
      ),
    )
  await trial.prove('discarded', async () => {
    expect(
      answers.filter((pid) => before.includes(pid)),
      'answers of connections whose backend was killed',
    ).toEqual([])
    const total = async () => {
      const { active, idle } = await countedServers(trial)
      return { counted: active + idle, open: await allOpen(trial, direct) }
    }
    const { counted, open } = await seen(total, ({ counted, open }) => counted === open, 5_000)
    expect(counted, 'connections the pooler counts, of those that Postgres has').toBe(open)
  })
  await trial.prove('working', () => {
    expect(failures, 'queries that failed after that').toEqual([])
    expect(answers.length, 'answers').toBe(3 * most)
  })
})

spec('POOL-010', async (trial) => {
  const { prove } = trial
  const direct = await trial.connect({ direct: 'server' })
  const holders = await clients(trial, most)
  await Promise.all(holders.map(hold))
  const [first, ...rest] = holders
  const all = await told(trial, direct, most)
  await release(rest)
  const one = await told(trial, direct, 1)
  await release([first!])
  const none = await told(trial, direct, 0)
  await prove('active', () => {
    expect([all.active, one.active, none.active], `active connections told while ${most}, 1 and 0 clients hold one`).toEqual([most, 1, 0])
  })
  await prove('idle', () => {
    const known = [all.open - most, one.open - 1, none.open]
    expect([all.idle, one.idle, none.idle], 'idle connections told meanwhile').toEqual(known)
    expect(one.idle, 'idle connections of the pool of which one is held').toBeGreaterThan(0)
  })
})

type Ways = Parameters<typeof clients>[0]
type Direct = Parameters<typeof serversOf>[0]

/** Connections are clean again a moment after their client got its answer, and some poolers count once in a while. */
const told = (trial: Ways, direct: Direct, active: number) =>
  seen(
    async () => ({ ...(await countedServers(trial)), open: await allOpen(trial, direct) }),
    (now) => now.active === active && now.idle === now.open - active,
    5_000,
  )

const allOpen = async (trial: Ways, direct: Direct): Promise<number> =>
  (await serversOf(direct, trial.stack.app(0))).length + (await othersOpen(trial, direct))

/** Connections of the other pools, which nobody uses. */
async function othersOpen({ stack }: Ways, direct: Direct): Promise<number> {
  const { user, database } = stack.app(0)
  const sql = `select count(*)::int as open from pg_stat_activity
    where backend_type = 'client backend' and usename like 'orochi%' and (usename, datname) <> ($1, $2)`
  return (await answered(direct.query<{ open: number }>(sql, [user, database]), 'a count')).rows[0]!.open
}
