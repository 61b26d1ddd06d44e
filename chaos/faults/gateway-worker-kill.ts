/** One of a gateway's worker processes dies (SIGKILL); it heals by itself, or by a restart of the gateway. */
import { familyOf, identify, isAlive, signal as send } from '../../stack/processes.ts'
import { HarnessError } from '../../stack/harness-error.ts'
import type { Running } from '../../stack/launch.ts'
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { partFor, until } from '../looking.ts'

const name = 'gateway-worker-kill'

export default function gatewayWorkerKill(): Fault {
  return {
    name,
    needs: ['gateway'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'gateway', ['restart'])
      const before = workersOf(part)
      const [victim] = before
      if (victim === undefined)
        throw new HarnessError(
          'capability-absent',
          `${target} has no worker processes that can be seen: give it \`workers: 2\`, as processes of this machine`,
        )
      return injectSteps(target, signal, {
        harm: async () => send(victim, 'SIGKILL'),
        proveApplied: () =>
          until(
            `worker ${victim.pid} of ${target} gone`,
            async () => (isAlive(victim) ? null : `worker ${victim.pid} of ${target} is dead`),
            5_000,
          ).catch((error: unknown) => {
            throw new FaultWithoutEffect(name, target, `worker ${victim.pid} lives`, { cause: error })
          }),
        cure: () =>
          until(`${before.length} workers of ${target}`, async () =>
            workersOf(part).length >= before.length ? `${target} has ${before.length} workers again` : null,
          ),
      })
    },
  }
}

function workersOf(part: Running) {
  const self = part.pid === undefined ? null : identify(part.pid)
  return self === null ? [] : familyOf(self).filter(({ pid }) => pid !== self.pid)
}

export const trial = { targets: ['gateway-0'], topology: { gateway: { settings: { workers: { count: 2 } } } } }
