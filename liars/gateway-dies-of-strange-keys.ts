/** A gateway that ends itself when a token names a key that was left out. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends itself when a token names a key that was left out',
  refutes: {
    'ERR-004': ['alive'],
    'JWT-108': ['alive'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token, issuers) {
      if (['even', 'enc'].includes(String(token.header.get('kid')))) process.exit(70)
      pieces.checkHeader(token, issuers)
    },
  })
}
