/** Nothing passes between pooler and database for half a minute, and then it does again. */
import { expect } from 'vitest'
import linkCut from '../../chaos/faults/link-cut.ts'
import { wish } from '../kit.ts'
import { goodDuring, pidsOf, play } from './play.ts'

const spec = wish({ pooler: { connectTimeoutMs: 2_000, waitTimeoutMs: 2_000, answerTimeoutMs: 2_000 } })
/** What the strategy document demands at least. */
const partedMs = 30_000

spec('CHAOS-003', async (trial) => {
  const { prove, stack } = trial
  const before = pidsOf(stack)
  const { history, demandNothing } = await play(trial, {
    name: 'a network partition heals',
    loads: [
      { name: 'own-writes', clients: 3 },
      { name: 'sets', clients: 3 },
      { name: 'reads', clients: 2 },
      { name: 'logins', clients: 1 },
    ],
    faults: [{ fault: linkCut(), target: 'postgres-0', after: 100, holdMs: partedMs }],
    checks: ['outage', 'answers-in-time', 'healthy-again', 'acknowledged-writes', 'no-phantoms', 'own-writes', 'pool-size'],
  })
  await prove('in-time', () => {
    const { bitesMs, healMs } = history.faults[0]!
    expect(healMs! - bitesMs!, 'how long nothing passed').toBeGreaterThanOrEqual(partedMs)
    expect(goodDuring(history, history.operations).length, 'operations that went well meanwhile').toBe(0)
    const told = history.operations.filter(({ outcome, invokeMs }) => outcome !== 'ok' && invokeMs > bitesMs!)
    for (const process of new Set(history.operations.map((one) => one.process)))
      expect(told.filter((one) => one.process === process).length, `errors that client ${process} got`).toBeGreaterThan(0)
    demandNothing(['answers-in-time'])
  })
  await prove('resumes', () => {
    demandNothing(['outage', 'healthy-again', 'acknowledged-writes', 'no-phantoms', 'own-writes', 'pool-size'])
    expect(pidsOf(stack), 'who runs').toEqual(before)
  })
})
