/** The primary dies and a replica takes its place, under steady reads and writes. */
import { expect } from 'vitest'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Fault } from '../../chaos/fault.ts'
import primaryLost from '../../chaos/faults/primary-lost.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { goodDuring, pidsOf, play } from './play.ts'

const [old, heir] = ['postgres-0', 'postgres-0-replica-1']
const spec = wish({ replicas: 2, postgres: { synchronous: 1 }, pooler: { roles: 'found', answerTimeoutMs: 3_000 } })
const writing: ReadonlySet<string> = new Set(['sets', 'transfers', 'lists'])

spec('CHAOS-001', async (trial) => {
  const { prove, stack, measure } = trial
  const before = pidsOf(stack, 'pooler', 'gateway')
  const { history, demandNothing } = await play(trial, {
    name: 'the primary is lost and a replica promoted',
    loads: [
      { name: 'reads', clients: 4 },
      { name: 'sets', clients: 2 },
      { name: 'transfers', clients: 2 },
      { name: 'lists', clients: 2 },
    ],
    faults: [{ fault: await failoverOf(stack), target: old, after: 200, holdMs: 3_000 }],
    checks: [
      'acknowledged-writes',
      'atomic-at-the-end',
      'applied-once',
      'no-phantoms',
      'list-order',
      'one-writer',
      'outage',
      'answers-in-time',
      'healthy-again',
    ],
  })
  const { injectMs, bitesMs } = history.faults[0]!
  const after = history.operations.filter(({ load, outcome, invokeMs }) => writing.has(load) && outcome === 'ok' && invokeMs > bitesMs!)
  const refused = history.operations.filter(({ sqlstate }) => sqlstate === '25006')
  measure('writes that were sent to the old primary, and refused there', refused.length, 'operations')
  const writers = new Set(after.filter(({ kind }) => kind !== 'read').flatMap(({ seen }) => seen.servers ?? []))

  await prove('reads', () => {
    const reads = history.operations.filter(({ load }) => load === 'reads')
    expect(goodDuring(history, reads).length).toBeGreaterThan(4)
    expect(
      reads.filter(({ outcome, invokeMs }) => outcome === 'ok' && invokeMs > injectMs && invokeMs < bitesMs!).length,
      'reads while there was no primary',
    ).toBeGreaterThan(0)
    // One may be under way on a connection that is lost.
    for (const [process, ones] of Map.groupBy(
      reads.filter(({ outcome }) => outcome !== 'ok'),
      (one) => one.process,
    ))
      expect(ones.length, `reads of client ${process} that failed: ${ones[0]?.message}`).toBeLessThanOrEqual(1)
  })
  await prove('writes', () => {
    expect([...writers], 'who took the writes').toContain(heir)
    demandNothing(['outage', 'answers-in-time', 'healthy-again'])
  })
  await prove('no-restart', () => expect(pidsOf(stack, 'pooler', 'gateway')).toEqual(before))
  await prove('no-loss', () => demandNothing(['acknowledged-writes', 'atomic-at-the-end', 'applied-once', 'no-phantoms', 'list-order']))
  await prove('old-primary', () => {
    expect([...writers], 'who took the writes').not.toContain(old)
    demandNothing(['one-writer'])
  })
})

/** A liar brings its own. */
async function failoverOf({ topology }: Stack): Promise<Fault> {
  const program = topology.programs.failover
  if (program === undefined) return primaryLost({ heir })
  const { failOver } = (await import(pathToFileURL(resolve(program)).href)) as { failOver: (heir: string) => Fault }
  return failOver(heir)
}
