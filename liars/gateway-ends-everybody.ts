/** A gateway that ends all sessions when one token is revoked. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends all sessions when one token is revoked',
  refutes: {
    'SEC-142': ['others'],
    'SEC-008': ['open-sessions'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeLiveSessions(terms) {
      const sessions = pieces.makeLiveSessions(terms)
      return { ...sessions, endRevoked: () => sessions.endRevoked(({ token }) => token !== null) }
    },
  })
}
