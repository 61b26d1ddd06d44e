/** A gateway that counts refusals by the token that was refused. */
import { pieces, Refusal, run, type Reason } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'counts refusals by the token that was refused',
  refutes: {
    'SEC-117': ['metrics'],
    'SEC-149': ['series'],
  },
} satisfies Lie

if (import.meta.main) {
  const byToken = (token: string) => `refused ${token.slice(0, 200)}` as Reason
  await run(process.argv, {
    reasons: new Proxy(pieces.reasons, { get: (table, reason) => table[reason as Reason] ?? table.invalid_signature }),
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        get: (token, verify) =>
          cache.get(token, verify).catch(() => {
            throw new Refusal(byToken(token))
          }),
      }
    },
  })
}
