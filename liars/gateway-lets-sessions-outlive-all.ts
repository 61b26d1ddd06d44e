/** A gateway that ends no session, whatever becomes of its token. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends no session, whatever becomes of its token',
  refutes: {
    'SEC-008': ['open-sessions'],
    'SEC-141': ['warned', 'ended', 'cut', 'finished', 'grace'],
    'SEC-142': ['jti', 'sub', 'tenant', 'kid', 'waiting'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeLiveSessions: (terms) => ({ ...pieces.makeLiveSessions(terms), endRevoked: () => 0, endExpired: () => {} }),
  })
}
