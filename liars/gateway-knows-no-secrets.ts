/** A gateway that takes no token that is signed with a shared secret. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes no token that is signed with a shared secret',
  refutes: {
    'JWT-013': ['accepted', 'claims'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { checkHeader: (token) => pieces.checkHeader(token) })
}
