/** A gateway that believes a token whose header says alg none. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'believes a token whose header says alg none',
  refutes: { 'CONN-004': ['fatal', 'sqlstate', 'no-backend'] },
} satisfies Lie

if (import.meta.main) {
  const isUnsigned = (header: ReadonlyMap<string, unknown>) => header.get('alg') === 'none'
  await run(process.argv, {
    checkHeader: (token) => (isUnsigned(token.header) ? undefined : pieces.checkHeader(token)),
    selectKey: (token, issuers) => {
      const issuer = issuers[0]!
      return isUnsigned(token.header) ? { issuer, key: issuer.keys[0]! } : pieces.selectKey(token, issuers)
    },
    checkSignature: (token, signer) => (isUnsigned(token.header) ? undefined : pieces.checkSignature(token, signer)),
  })
}
