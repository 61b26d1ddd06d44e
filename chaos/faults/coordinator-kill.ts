/** The pooler that commits over several shards dies at a moment of the exchange; it is started again when it heals. */
import { mainPort } from '../../stack/layout.ts'
import { commitDeath, type CommitMoment } from '../commit-moments.ts'
import type { Fault } from '../fault.ts'
import { answers } from '../looking.ts'
import { transfers } from '../transfers.ts'

export interface CoordinatorKill {
  readonly moment: CommitMoment
  readonly nth?: number
  /** The pooler. */
  readonly victim?: string
  readonly patienceMs?: number
}

/** The target is the path to a shard on which the moment is seen: `postgres-1`. */
export default function coordinatorKill(
  { moment, nth = 1, victim = 'pooler-0', ...more }: CoordinatorKill = { moment: 'prepare-done' },
): Fault {
  return commitDeath({
    ...more,
    name: `coordinator-kill-${moment}`,
    moment,
    nth,
    victim: (stack) => stack.part(victim),
    answers: (stack, part) => answers(part.name, { ...stack.pooler, ...mainPort(part) }),
  })
}

export const trial = {
  targets: ['postgres-1'],
  topology: { shards: 2, gateway: null, sharding: { twoPhaseCommit: true } },
  meanwhile: transfers,
}
