/** A gateway that checks a signature by the algorithm which the token itself names, and takes none for one. */
import { constants, createHmac, verify, type KeyObject } from 'node:crypto'
import { Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'checks a signature by the algorithm which the token itself names, and takes none for one',
  refutes: {
    'JWT-101': ['refused'],
    'JWT-102': ['refused'],
    'SEC-009': ['refused'],
    'SEC-012': ['refused'],
    'JWT-011': ['none', 'other', 'reason'],
  },
} satisfies Lie

/** The public key is a secret when the token says that it is one. */
function isSigned(input: string, signature: Buffer, algorithm: string, key: KeyObject): boolean {
  if (algorithm.startsWith('HS')) {
    const secret = key.export({ type: 'spki', format: 'pem' })
    return createHmac('sha256', secret).update(input).digest().equals(signature)
  }
  const padding = algorithm.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  return verify(`sha${algorithm.slice(2)}`, Buffer.from(input), { key, padding }, signature)
}

if (import.meta.main) {
  await run(process.argv, {
    checkHeader: () => {},
    selectKey: (_, issuers) => ({ issuer: issuers[0]!, key: issuers[0]!.keys[0]! }),
    checkSignature({ text, header }, { key }) {
      const algorithm = String(header.get('alg'))
      if (algorithm.toLowerCase() === 'none') return
      const end = text.lastIndexOf('.')
      const signature = Buffer.from(text.slice(end + 1), 'base64url')
      if (!/^[HRP]S(256|384|512)$/.test(algorithm) || !isSigned(text.slice(0, end), signature, algorithm, key.key))
        throw new Refusal('invalid_signature')
    },
  })
}
