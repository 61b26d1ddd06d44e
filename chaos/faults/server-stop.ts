/** A server halts (SIGSTOP): its connections stay open and nobody answers on them. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { answers, ask, loginTo, partFor } from '../looking.ts'

const name = 'server-stop'

export default function serverStop(): Fault {
  return {
    name,
    needs: [],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'postgres', ['pause', 'resume'])
      return injectSteps(target, signal, {
        harm: async () => part.pause?.(),
        async proveApplied() {
          const answer = await ask(loginTo(stack, target), 500)
          if ('ms' in answer || !part.alive()) throw new FaultWithoutEffect(name, target, 'it still answers')
          return `${target} lives and is silent: ${answer.why}`
        },
        async cure() {
          await part.resume?.()
          return answers(target, loginTo(stack, target))
        },
      })
    },
  }
}

export const trial = { targets: ['postgres-0'], topology: { replicas: 1 } }
