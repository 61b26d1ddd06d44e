/** A gateway that makes room when a tenant has too many connections: it ends the oldest session of all. */
import type { Duplex } from 'node:stream'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends the oldest session of all when a tenant has too many connections',
  refutes: { 'CHAOS-007': ['established'] },
} satisfies Lie

if (import.meta.main) {
  const sessions = new Set<Duplex>()
  await run(process.argv, {
    async dial(address, signal) {
      const upstream = await pieces.dial(address, signal)
      sessions.add(upstream)
      return upstream.once('close', () => sessions.delete(upstream))
    },
    makeTenants(terms) {
      const tenants = pieces.makeTenants(terms)
      return {
        ...tenants,
        async seat(admission, guest) {
          return tenants.seat(admission, guest).catch((error: unknown) => {
            for (const oldest of [...sessions].slice(0, 1)) oldest.destroy()
            throw error
          })
        },
      }
    },
  })
}
