/** A gateway that quotes in its log the token that it could not read. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'quotes in its log the token that it could not read',
  refutes: { 'ERR-006': ['no-secrets'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      try {
        return pieces.decode(text, maxBytes)
      } catch (cause) {
        throw cause instanceof Refusal ? new Refusal(cause.reason, { ...cause.notes, detail: `cannot read ${text}` }) : cause
      }
    },
  })
}
