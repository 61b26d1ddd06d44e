/** A gateway that writes each token into its log, and serves a cached one for ever. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes each token into its log, and serves a cached one for ever',
  refutes: { 'SEC-117': ['logs'], 'SEC-001': ['no-token'], 'SEC-002': ['cached'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      console.log(text)
      return pieces.decode(text, maxBytes)
    },
    makeCache: (terms) => pieces.makeCache({ ...terms, now: () => 0, ttlSeconds: 1 }),
  })
}
