/** A gateway that says back to the client whom a token that it refuses speaks of. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'says back to the client whom a token that it refuses speaks of',
  refutes: {
    'JWT-102': ['no-echo'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token) {
      try {
        pieces.checkHeader(token)
      } catch (cause) {
        const wording = `${String(token.claims.get('sub'))} is not let in`
        throw cause instanceof Refusal ? new Refusal(cause.reason, { ...cause.notes, wording }) : cause
      }
    },
  })
}
