/** Two thousand clients of one tenant log in at once, under the normal load of another. */
import { expect } from 'vitest'
import loginStorm, { type Visit } from '../../chaos/faults/login-storm.ts'
import { Undecided } from '../../perf/measure.ts'
import { wish } from '../kit.ts'
import { play } from './play.ts'

const clients = 2_000
const places = 40
const spec = wish({
  pooler: { poolSize: 10 },
  // So many at once are many handshakes for one processor: nobody is to be sent away because it is slow.
  gateway: { settings: { limits: { startupTimeoutMs: 40_000, unauthenticated: 4_000, perTenant: { connections: places } } } },
})

spec('CHAOS-007', async (trial) => {
  const { prove, gateway, budgets, measure, stack } = trial
  const before = await gateway.metrics()
  const opened = stack.link('pooler-0').open
  let visits: readonly Visit[] = []
  const storm = loginStorm({ clients, patienceMs: budgets.answerMs!, told: (all) => (visits = all) })
  const { history, summary, demandNothing } = await play(trial, {
    name: 'a storm of connections',
    loads: [
      { name: 'sets', clients: 3 },
      { name: 'own-writes', clients: 3 },
      { name: 'logins', clients: 2 },
    ],
    faults: [{ fault: storm, target: 'gateway-0', after: 150, holdMs: 500 }],
    checks: ['outage', 'answers-in-time', 'healthy-again', 'acknowledged-writes', 'no-phantoms', 'own-writes', 'pool-size'],
  })
  const { injectMs, healedMs } = history.faults[0]!
  const reached = visits.filter(({ outcome }) => outcome !== 'away')
  const count = (outcome: Visit['outcome']) => visits.filter((visit) => visit.outcome === outcome).length
  measure('clients that came at once', reached.length, 'clients')
  measure('clients that were let in', count('in'), 'clients')
  measure('slowest answer to a client of the storm', Math.max(...visits.map(({ ms }) => ms)), 'ms')
  const mayTell = () => {
    if (reached.length < clients) throw new Undecided('machine-too-small', `${reached.length} of ${clients} clients reached the gateway`)
  }

  await prove('shed', () => {
    expect([count('cut'), count('silent')], 'clients that were dropped without a word, and that got no answer').toEqual([0, 0])
    expect(count('in'), 'clients of the tenant that got in').toBe(places)
    const said = new Set(visits.filter(({ outcome }) => outcome === 'refused').map(({ sqlstate, said: words }) => `${sqlstate} ${words}`))
    expect(said.size, 'different words').toBe(1)
    expect([...said][0]).toMatch(/^53300 too many connections/)
    demandNothing(['answers-in-time'])
    mayTell()
  })
  await prove('established', () => {
    const during = history.operations.filter(({ invokeMs, returnMs }) => invokeMs < healedMs! && (returnMs ?? Infinity) > injectMs)
    const failed = during.filter(({ outcome }) => outcome !== 'ok')
    expect(failed.map(({ load, phase, message }) => `${load}, ${phase}: ${message}`)).toEqual([])
    for (const load of ['sets', 'own-writes', 'logins'])
      expect(during.filter((one) => one.load === load).length, `operations of ${load} during the storm`).toBeGreaterThan(2)
    expect(summary.during.ok).toBeGreaterThan(0)
    demandNothing(['outage', 'acknowledged-writes', 'no-phantoms', 'own-writes'])
    mayTell()
  })
  await prove('baseline', async () => {
    demandNothing(['healthy-again', 'pool-size'])
    const sessions = 'orochi_gateway_sessions_active'
    await expect.poll(async () => (await gateway.metrics()).get(sessions), { timeout: 10_000 }).toBe(before.get(sessions))
    await expect.poll(() => stack.link('pooler-0').open, { timeout: 10_000 }).toBeLessThanOrEqual(opened)
    const files = (await gateway.metrics()).get('process_open_fds')
    expect(files, 'open files').toBeLessThanOrEqual(before.get('process_open_fds') + 5)
    mayTell()
  })
})
