/** A gateway that writes down the same reason for places that are unknown and such that are forbidden. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes down the same reason for places that are unknown and such that are forbidden',
  refutes: {
    'SEC-137': ['audited'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      try {
        return pieces.judgeAdmission(token, wishes, terms)
      } catch (cause) {
        throw cause instanceof Refusal && cause.reason === 'unknown_route' ? new Refusal('route_mismatch') : cause
      }
    },
  })
}
