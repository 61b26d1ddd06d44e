/** A gateway that takes revocations in and never looks at them. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes revocations in and never looks at them',
  refutes: {
    'CACHE-005': ['rejected', 'no-hit'],
    'SEC-008': ['refused', 'open-sessions'],
    'SEC-142': ['jti', 'sub', 'tenant', 'kid', 'new-logins', 'waiting'],
    'SEC-145': ['revoked'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeRevocations: (terms) => ({ ...pieces.makeRevocations(terms), match: () => null }) })
}
