/** A failover that promotes a replica and lets the old primary go on. */
import { injectSteps, type Fault } from '../chaos/fault.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'failover',
  why: 'promotes a replica while the old primary still takes writes',
  refutes: { 'CHAOS-001': ['old-primary'] },
} satisfies Lie

/** In place of the failover that fences first. */
export function failOver(heir: string): Fault {
  return {
    name: 'primary-lost',
    needs: ['replicas', 'promotion'],
    inject: (stack, target, signal) =>
      injectSteps(target, signal, {
        harm: () => stack.failover.promote(heir, { unfenced: true }),
        proveApplied: async () => `${heir} takes writes`,
        async cure() {
          await stack.failover.fence(target)
          await stack.failover.rejoin(target)
          return `${target} follows ${heir}`
        },
      }),
  }
}
