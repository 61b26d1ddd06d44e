/** A gateway that asks for certificates and looks at none of them. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks for certificates and looks at none of them',
  refutes: {
    'TLS-005': ['none', 'wrong'],
    'SEC-139': ['missing', 'expired', 'revoked', 'foreign', 'purpose', 'bound', 'unbound'],
  },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeCertificates: (terms) => ({ ...pieces.makeCertificates(terms), check: () => {}, checkBinding: (token) => token }),
  })
