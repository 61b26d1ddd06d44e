/** The pooler that commits over two shards dies at each moment of the exchange, and is started again. */
import { expect } from 'vitest'
import coordinatorKill from '../../chaos/faults/coordinator-kill.ts'
import { commitMoments, type CommitMoment } from '../../chaos/commit-moments.ts'
import { groundOf } from '../../scenarios/ground.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { play, type Played } from './play.ts'

const spec = wish({ shards: 2, sharding: { twoPhaseCommit: true } })
const moments = Object.keys(commitMoments) as CommitMoment[]

spec('CHAOS-006', async (trial) => {
  const { prove, stack } = trial
  const played: Played[] = []
  for (const moment of moments) {
    played.push(
      await play(trial, {
        name: `the coordinator of two-phase commits dies: ${moment}`,
        part: moment,
        loads: [
          { name: 'transfers', clients: 6 },
          { name: 'own-writes', clients: 2 },
        ],
        faults: [{ fault: coordinatorKill({ moment }), target: 'postgres-1', after: 40, holdMs: 200 }],
        checks: [
          'atomic-at-the-end',
          'acknowledged-writes',
          'applied-once',
          'no-phantoms',
          'halves-seen',
          'nothing-prepared',
          'healthy-again',
          'outage',
        ],
        recoverWithinMs: 15_000,
      }),
    )
    await resolveByHand(stack)
  }
  await prove('atomic', () => {
    for (const { demandNothing } of played)
      demandNothing(['atomic-at-the-end', 'acknowledged-writes', 'applied-once', 'no-phantoms', 'halves-seen'])
  })
  await prove('drained', () => {
    expect(played.map(({ history }) => history.faults.length)).toEqual(moments.map(() => 1))
    for (const { demandNothing } of played) demandNothing(['nothing-prepared', 'healthy-again', 'outage'])
  })
})

/** What is left prepared now was found already; the next moment is to be tried on a system that works. */
async function resolveByHand(stack: Stack): Promise<void> {
  const ground = groundOf(stack)
  for (const shard of ground.shards) {
    const left = await ground.onShard<{ gid: string }>(shard, 'select gid from pg_prepared_xacts where database = current_database()')
    for (const { gid } of left) await ground.onShard(shard, `rollback prepared '${gid}'`)
  }
}
