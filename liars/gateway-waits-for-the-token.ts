/** A gateway that passes over messages until the token comes. */
import { Refusal, run } from '../reference/gateway/index.ts'
import { encodeBackend, frontendType } from '../reference/wire/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'passes over messages until the token comes',
  refutes: { 'SEC-132': ['refused'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    async askForToken(stream, inbox, deadline) {
      stream.write(encodeBackend({ kind: 'authentication-cleartext' }))
      inbox.mode = 'typed'
      for (;;) {
        const frame = await deadline.race(inbox.next())
        if (frame === null) throw new Refusal('no_password', { silent: true })
        if (frame.type === frontendType.password) return frame.body.subarray(0, -1).toString()
      }
    },
  })
}
