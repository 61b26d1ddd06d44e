/** A gateway that tells a client which token it could not read. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'tells a client which token it could not read',
  refutes: {
    'SEC-117': ['errors'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      try {
        return pieces.decode(text, maxBytes)
      } catch (cause) {
        throw cause instanceof Refusal ? new Refusal(cause.reason, { ...cause.notes, wording: `cannot read ${text.slice(0, 100)}` }) : cause
      }
    },
  })
}
