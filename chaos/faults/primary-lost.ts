/** A primary dies and a replica takes its place; healed, the old one follows the new one. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { loginTo, partFor, placeOf, rowsOf } from '../looking.ts'

const name = 'primary-lost'

export interface PrimaryLost {
  /** The part that is promoted; by default the replica that has most of the log. */
  readonly heir?: string
}

export default function primaryLost({ heir }: PrimaryLost = {}): Fault {
  return {
    name,
    needs: ['replicas', 'promotion'],
    inject(stack, target, signal) {
      const { server } = placeOf(target)
      const part = partFor(stack, target, 'postgres', ['kill', 'restart'])
      const { failover } = stack
      return injectSteps(target, signal, {
        async harm() {
          await failover.fence(target)
          await failover.promote(heir ?? (await failover.foremost(server)))
        },
        async proveApplied() {
          const primary = failover.primaryOf(server)
          if (primary === part || part.alive()) throw new FaultWithoutEffect(name, target, 'it is still the primary')
          const [row] = await rowsOf<{ standby: boolean }>(loginTo(stack, primary.name), 'select pg_is_in_recovery() as standby')
          if (row?.standby !== false) throw new FaultWithoutEffect(name, target, `${primary.name} is a standby still`)
          return `${target} is dead and fenced, ${primary.name} is the primary`
        },
        async cure() {
          if (failover.primaryOf(server) === part) await part.restart?.()
          else await failover.rejoin(target)
          return `${failover.primaryOf(server).name} is the primary, ${target} runs`
        },
      })
    },
  }
}

export const trial = { targets: ['postgres-0'], topology: { replicas: 1, gateway: null, pooler: null } }
