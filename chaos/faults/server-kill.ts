/** A server dies as by a power cut, and is started again when it heals. For primaries and replicas alike. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { answers, ask, loginTo, partFor } from '../looking.ts'

const name = 'server-kill'

export default function serverKill(): Fault {
  return {
    name,
    needs: [],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'postgres', ['kill', 'restart'])
      return injectSteps(target, signal, {
        harm: async () => part.kill?.('SIGKILL'),
        async proveApplied() {
          const answer = await ask(loginTo(stack, target), 1_000)
          if ('ms' in answer || part.alive()) throw new FaultWithoutEffect(name, target, 'it still answers')
          return `${target} is dead: ${answer.why}`
        },
        async cure() {
          if (!part.alive()) await part.restart?.()
          return answers(target, loginTo(stack, target))
        },
      })
    },
  }
}

export const trial = { targets: ['postgres-0-replica-1'], topology: { replicas: 1 } }
