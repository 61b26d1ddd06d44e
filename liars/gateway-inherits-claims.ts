/** A gateway that takes claims from __proto__, and keeps them for the tokens that follow. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes claims from __proto__, and keeps them for the tokens that follow',
  refutes: {
    'SEC-149': ['claims', 'clean'],
  },
} satisfies Lie

if (import.meta.main) {
  const inherited: Record<string, unknown> = {}
  await run(process.argv, {
    decode(text, maxBytes) {
      const token = pieces.decode(text, maxBytes)
      Object.assign(inherited, token.claims.get('__proto__'))
      return { ...token, claims: new Map([...Object.entries(inherited), ...token.claims]) }
    },
  })
}
