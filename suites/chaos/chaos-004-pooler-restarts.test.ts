/** One of two poolers is stopped, gently and then abruptly, under steady load. */
import { expect } from 'vitest'
import poolerDrain from '../../chaos/faults/pooler-drain.ts'
import poolerKill from '../../chaos/faults/pooler-kill.ts'
import { wish } from '../kit.ts'
import { play } from './play.ts'

const stopped = 'pooler-0'
const spec = wish({ pooler: { instances: 2 } })

spec('CHAOS-004', async (trial) => {
  const { prove } = trial
  const { history, demandNothing } = await play(trial, {
    name: 'one of two poolers is stopped, gently and abruptly',
    loads: [
      { name: 'logins', clients: 3 },
      { name: 'long-transactions', clients: 4 },
      { name: 'sets', clients: 2 },
    ],
    faults: [
      { fault: poolerDrain(), target: stopped, after: 120, holdMs: 1_000 },
      { fault: poolerKill(), target: stopped, after: 120, holdMs: 1_000 },
    ],
    checks: ['outage', 'answers-in-time', 'healthy-again', 'acknowledged-writes', 'no-phantoms', 'applied-once', 'pool-size'],
    calmAfter: 20,
  })
  const [gently, abruptly] = history.faults
  await prove('connects', () => {
    const logins = history.operations.filter(({ load }) => load === 'logins')
    // One that is let in and then asked to leave has connected; what was under way when the pooler died dies with it.
    const refused = logins.filter(({ outcome, phase }) => outcome !== 'ok' && phase === 'connect')
    expect(
      logins.filter(({ invokeMs, outcome }) => outcome === 'ok' && invokeMs > gently!.bitesMs! && invokeMs < gently!.healMs!).length,
    ).toBeGreaterThan(5)
    expect(
      logins.filter(({ invokeMs, outcome }) => outcome === 'ok' && invokeMs > abruptly!.bitesMs! && invokeMs < abruptly!.healMs!).length,
    ).toBeGreaterThan(5)
    const later = refused.filter(({ invokeMs, returnMs }) => !(invokeMs < abruptly!.bitesMs! && returnMs! >= abruptly!.injectMs))
    expect(later.map(({ message, invokeMs }) => `${Math.round(invokeMs)} ms: ${message}`)).toEqual([])
  })
  await prove('gentle', () => {
    // Once its first statement was answered a transaction is open.
    const midway = history.operations.filter(
      ({ invokeMs, returnMs, load, seen }) =>
        load === 'long-transactions' &&
        seen.backends !== undefined &&
        invokeMs < gently!.injectMs &&
        (returnMs ?? Infinity) > gently!.injectMs,
    )
    expect(midway.length, 'transactions in the midst of which it was stopped').toBeGreaterThan(0)
    expect(midway.filter(({ outcome }) => outcome !== 'ok').map(({ message }) => message)).toEqual([])
    demandNothing(['acknowledged-writes', 'no-phantoms', 'applied-once', 'answers-in-time'])
  })
  await prove('rejoins', () => {
    const after = history.samples.filter(({ name, where, atMs }) => name === 'clients' && where === stopped && atMs > abruptly!.healedMs!)
    expect(Math.max(0, ...after.map(({ value }) => value)), 'clients that it has again').toBeGreaterThan(0)
    demandNothing(['outage', 'healthy-again', 'pool-size'])
  })
})
