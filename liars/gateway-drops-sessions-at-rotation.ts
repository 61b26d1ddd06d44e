/** A gateway that ends all sessions when an issuer publishes other keys. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends all sessions when an issuer publishes other keys',
  refutes: {
    'ERR-003': ['no-restart'],
  },
} satisfies Lie

if (import.meta.main) {
  const sessions: { endRevoked(isRevoked: () => boolean): number }[] = []
  await run(process.argv, {
    makeLiveSessions(terms) {
      const made = pieces.makeLiveSessions(terms)
      sessions.push(made)
      return made
    },
    makeKeySource: (terms) =>
      pieces.makeKeySource({
        ...terms,
        onFetched(fetched) {
          if (fetched.outcome === 'changed') for (const live of sessions) live.endRevoked(() => true)
          terms.onFetched(fetched)
        },
      }),
  })
}
