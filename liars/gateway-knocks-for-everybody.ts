/** A gateway that reaches for the pooler as soon as anybody connects. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Door } from '../reference/gateway/door.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reaches for the pooler as soon as anybody connects',
  refutes: { 'SEC-129': ['nothing-reached'], 'SEC-130': ['nothing-reached'], 'SEC-132': ['nothing-reached'], 'SEC-135': ['denied'] },
} satisfies Lie

const momentMs = 50

if (import.meta.main) {
  await run(process.argv, {
    async arrive(socket, door, attempt) {
      const poolers = (door as Door).routeMap.everywhere.poolers.map(({ address }) => pieces.dial(address, AbortSignal.timeout(momentMs)))
      await Promise.allSettled(poolers)
      return pieces.arrive(socket, door, attempt)
    },
  })
}
