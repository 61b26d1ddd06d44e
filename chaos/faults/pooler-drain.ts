/** A pooler is asked to end gently, as when it is replaced; it is started again once it has ended. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { answers, ask, partFor, until } from '../looking.ts'
import { mainPort } from '../../stack/layout.ts'

const name = 'pooler-drain'

export default function poolerDrain(): Fault {
  return {
    name,
    needs: ['pooler'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'pooler', ['drain', 'restart'])
      const login = { ...stack.pooler, ...mainPort(part) }
      return injectSteps(target, signal, {
        harm: async () => part.drain?.(),
        proveApplied: () =>
          until(`${target} takes nobody`, async () => {
            const answer = await ask(login, 1_000)
            return 'ms' in answer ? null : `${target} takes nobody any more: ${answer.why}`
          }).catch((error: unknown) => {
            throw new FaultWithoutEffect(name, target, 'it takes clients as before', { cause: error })
          }),
        async cure() {
          await part.restart?.()
          return answers(target, login)
        },
      })
    },
  }
}

export const trial = { targets: ['pooler-0'], topology: { replicas: 1 } }
