/** A gateway that reads ES256 signatures as X.509 has them, not as tokens do. */
import { verify } from 'node:crypto'
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reads ES256 signatures as X.509 has them, not as tokens do',
  refutes: { 'JWT-014': ['accepted', 'claims'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkSignature(token, signer) {
      if (signer.key.algorithm !== 'ES256') return pieces.checkSignature(token, signer)
      const end = token.text.lastIndexOf('.')
      const [input, signature] = [Buffer.from(token.text.slice(0, end)), Buffer.from(token.text.slice(end + 1), 'base64url')]
      if (!verify('sha256', input, signer.key.key, signature)) throw new Refusal('invalid_signature')
    },
  })
}
