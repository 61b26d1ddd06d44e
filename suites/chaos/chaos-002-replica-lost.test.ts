/** One of two replicas dies and comes back, under steady reads. */
import { expect } from 'vitest'
import serverKill from '../../chaos/faults/server-kill.ts'
import { wish } from '../kit.ts'
import { goodDuring, play } from './play.ts'

const lost = 'postgres-0-replica-1'
const spec = wish({ replicas: 2, split: { reads: 'replicas', maxLagMs: 10_000 } })

spec('CHAOS-002', async (trial) => {
  const { prove } = trial
  const { history, demandNothing } = await play(trial, {
    name: 'one of two replicas is lost',
    loads: [
      { name: 'reads', clients: 6 },
      { name: 'sets', clients: 2 },
    ],
    // Longer than a pooler may take to give up connecting.
    faults: [{ fault: serverKill(), target: lost, after: 150, inUse: true, holdMs: 8_000 }],
    checks: ['outage', 'answers-in-time', 'healthy-again', 'acknowledged-writes'],
    calmWith: [lost],
  })
  const reads = history.operations.filter(({ load }) => load === 'reads')
  const servers = (which: typeof reads) => new Set(which.flatMap(({ seen }) => seen.servers ?? []))

  await prove('moved', () => {
    const during = goodDuring(history, reads)
    expect(during.length, 'reads while the replica is dead').toBeGreaterThan(6)
    expect([...servers(during)], 'who answered them').not.toContain(lost)
    demandNothing(['outage', 'answers-in-time', 'acknowledged-writes'])
  })
  await prove('bounded', () => {
    const failed = Map.groupBy(
      history.operations.filter(({ outcome }) => outcome !== 'ok'),
      ({ process }) => process,
    )
    for (const [process, ones] of failed) expect(ones.length, `failures of client ${process}: ${ones[0]?.message}`).toBeLessThanOrEqual(1)
  })
  await prove('used-again', () => {
    const { injectMs, healedMs } = history.faults[0]!
    expect([...servers(reads.filter(({ invokeMs }) => invokeMs < injectMs))], 'who answers before').toContain(lost)
    expect([...servers(reads.filter(({ invokeMs }) => invokeMs > healedMs!))], 'who answers after').toContain(lost)
    demandNothing(['healthy-again'])
  })
})
