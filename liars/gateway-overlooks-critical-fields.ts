/** A gateway that reads of a header the algorithm alone and overlooks what is critical in it. */
import { Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reads of a header the algorithm alone and overlooks what is critical in it',
  refutes: {
    'JWT-114': ['header'],
    'SEC-013': ['refused'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader: ({ header }) => {
      if (!['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'].includes(String(header.get('alg'))))
        throw new Refusal('unsupported_algorithm')
    },
  })
}
