/** A pooler dies at once (SIGKILL), and is started again when it heals. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { answers, ask, partFor } from '../looking.ts'
import { mainPort } from '../../stack/layout.ts'

const name = 'pooler-kill'

export default function poolerKill(): Fault {
  return {
    name,
    needs: ['pooler'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'pooler', ['kill', 'restart'])
      const login = { ...stack.pooler, ...mainPort(part) }
      return injectSteps(target, signal, {
        harm: async () => part.kill?.('SIGKILL'),
        async proveApplied() {
          const answer = await ask(login, 1_000)
          if ('ms' in answer || part.alive()) throw new FaultWithoutEffect(name, target, 'it still answers')
          return `${target} is dead: ${answer.why}`
        },
        async cure() {
          if (!part.alive()) await part.restart?.()
          return answers(target, login)
        },
      })
    },
  }
}

export const trial = { targets: ['pooler-0'], topology: { replicas: 1 } }
