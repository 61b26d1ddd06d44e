/** The moments of a commit in two phases at which somebody can die, as they are seen on the path to one of the shards. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '../stack/launch.ts'
import { limitMs } from '../stack/limits.ts'
import type { Link, Stack, Trap, TrapWish } from '../stack/stack.ts'
import { injectSteps, FaultWithoutEffect, type Fault, type InjectedFault } from './fault.ts'

/** `-asked`: the shard has not heard it yet; `-done`: it has done it, and nobody has heard that. */
export type CommitMoment = 'prepare-asked' | 'prepare-done' | 'commit-asked' | 'commit-done'

export const commitMoments: Readonly<Record<CommitMoment, Pick<TrapWish, 'direction' | 'match'>>> = {
  'prepare-asked': { direction: 'to-server', match: /PREPARE TRANSACTION/i },
  'prepare-done': { direction: 'to-client', match: /^PREPARE TRANSACTION/i },
  'commit-asked': { direction: 'to-server', match: /COMMIT PREPARED/i },
  'commit-done': { direction: 'to-client', match: /^COMMIT PREPARED/i },
}

export interface CommitDeath {
  readonly name: string
  readonly moment: CommitMoment
  /** At the how many-th such message from now on. */
  readonly nth: number
  /** How long somebody may take to commit something, ms. */
  readonly patienceMs?: number
  readonly victim: (stack: Stack, target: string) => Running
  readonly answers: (stack: Stack, victim: Running) => Promise<string>
}

/** `target` is the path to the shard; somebody has to commit over several shards meanwhile. What was on the path at that moment never arrives. */
export function commitDeath({ name, moment, nth, victim: find, answers, patienceMs = limitMs('fault-heals') / 2 }: CommitDeath): Fault {
  return {
    name,
    needs: ['shards', 'links'],
    async inject(stack, target, signal): Promise<InjectedFault> {
      const link = stack.link(target)
      const victim = find(stack, target)
      return injectSteps(target, signal, {
        async harm() {
          await using trap = link.trap({ ...commitMoments[moment], nth })
          await sprung(trap, link, patienceMs, signal, name)
          await victim.kill?.('SIGKILL')
          await trap.drop()
        },
        async proveApplied() {
          if (victim.alive()) throw new FaultWithoutEffect(name, target, `${victim.name} lives`)
          return `${victim.name} is dead; ${moment} number ${nth} on ${target} was on its way and never arrived`
        },
        async cure() {
          if (!victim.alive()) await victim.restart?.()
          return answers(stack, victim)
        },
      })
    },
  }
}

async function sprung(trap: Trap, link: Link, patienceMs: number, signal: AbortSignal, name: string): Promise<void> {
  const over = new AbortController()
  const late = sleep(patienceMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(() => {
    throw new FaultWithoutEffect(name, link.target, `${trap.met} such messages within ${patienceMs} ms`)
  })
  try {
    await Promise.race([trap.sprung, late])
  } finally {
    over.abort()
    late.catch(() => {})
  }
}
