/** A gateway that tells a client that says goodbye that it wanted a token. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'tells a client that says goodbye that it wanted a token',
  refutes: { 'SEC-132': ['left'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    askForToken: (stream, inbox, deadline) =>
      pieces.askForToken(stream, inbox, deadline).catch((cause: unknown) => {
        throw cause instanceof Refusal && cause.notes.silent === true ? new Refusal(cause.reason) : cause
      }),
  })
}
