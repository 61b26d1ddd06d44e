/** A gateway that ends when a token is nested without end, or has null for the id of its key. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends when a token is nested without end, or has null for the id of its key',
  refutes: {
    'JWT-015': ['alive'],
    'JWT-105': ['alive'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      if (/^[^.]*\.W1tbW1tb/.test(text)) process.exit(70)
      return pieces.decode(text, maxBytes)
    },
    checkHeader(token) {
      if (token.header.get('kid') === null) process.exit(70)
      pieces.checkHeader(token)
    },
  })
}
