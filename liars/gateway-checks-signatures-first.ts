/** A gateway that checks the signature of whatever comes before it looks at the rest. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'checks the signature of whatever comes before it looks at the rest',
  refutes: {
    'JWT-101': ['no-check'],
    'JWT-116': ['deep'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      try {
        return pieces.decode(text, maxBytes)
      } catch (cause) {
        if (text.split('.').length !== 3 || text.length < 10_000) throw cause
        return { text, header: new Map([['kid', 'any']]), claims: new Map(), payloadText: '' }
      }
    },
    checkHeader: () => {},
    selectKey: (_, issuers) => ({ issuer: issuers[0]!, key: issuers[0]!.keys[0]! }),
  })
}
