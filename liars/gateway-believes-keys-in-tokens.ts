/** A gateway that takes the key that a token brings along in its own header. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes the key that a token brings along in its own header',
  refutes: {
    'JWT-106': ['refused'],
    'SEC-013': ['refused'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    selectKey(token, issuers) {
      const jwk = token.header.get('jwk') as JsonWebKey | undefined
      if (jwk === undefined) return pieces.selectKey(token, issuers)
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      return { issuer: issuers[0]!, key: { id: 'brought', algorithm: 'RS256', key } }
    },
  })
}
