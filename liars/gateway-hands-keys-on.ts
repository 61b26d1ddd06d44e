/** A gateway that hands the pooler's own cancel keys on, for ever. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { CancelRoute } from '../reference/gateway/cancel/cancel-route.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'hands the pooler’s own cancel keys on, and keeps them for ever',
  refutes: { 'SEC-136': ['own-key', 'dead'] },
} satisfies Lie

if (import.meta.main) {
  const routes = new Map<number, CancelRoute>()
  await run(process.argv, {
    openDesk: (terms) => ({
      ...pieces.openDesk(terms),
      issue(route) {
        routes.set(route.processId, route)
        return { processId: route.processId, secret: route.secret, [Symbol.dispose]: () => {} }
      },
      find({ processId }) {
        const route = routes.get(processId)
        return route === undefined ? null : { kind: 'known', route }
      },
    }),
  })
}
