/** A gateway that refuses a good token because its header names an address besides. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'refuses a good token because its header names an address besides',
  refutes: {
    'JWT-106': ['ignored'],
    'JWT-116': ['accepted'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token) {
      if (token.header.size > 3) throw new Refusal('malformed_token')
      pieces.checkHeader(token)
    },
  })
}
