/** A gateway that calls the address that a token names for its key. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'calls the address that a token names for its key',
  refutes: {
    'JWT-106': ['no-visit'],
    'SEC-013': ['no-fetch'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token) {
      for (const field of ['jku', 'x5u']) {
        const url = token.header.get(field)
        if (typeof url === 'string') fetch(url).catch(() => {})
      }
      pieces.checkHeader(token)
    },
  })
}
