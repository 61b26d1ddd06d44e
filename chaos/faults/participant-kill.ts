/** A shard's server dies at a moment of a commit over several shards; it is started again when it heals. */
import { commitDeath, type CommitMoment } from '../commit-moments.ts'
import type { Fault } from '../fault.ts'
import { answers, loginTo } from '../looking.ts'
import { transfers } from '../transfers.ts'

export interface ParticipantKill {
  readonly moment: CommitMoment
  readonly nth?: number
  readonly patienceMs?: number
}

/** The target is the path to the shard that dies: `postgres-1`. */
export default function participantKill({ moment, nth = 1, ...more }: ParticipantKill = { moment: 'prepare-asked' }): Fault {
  return commitDeath({
    ...more,
    name: `participant-kill-${moment}`,
    moment,
    nth,
    victim: (stack, target) => stack.part(target),
    answers: (stack, part) => answers(part.name, loginTo(stack, part.name)),
  })
}

export const trial = {
  targets: ['postgres-1'],
  topology: { shards: 2, gateway: null, sharding: { twoPhaseCommit: true } },
  meanwhile: transfers,
}
