/** A gateway that hands the token itself on to the session, and names the application by it. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'hands the token itself on to the session, and names the application by it',
  refutes: {
    'SEC-118': ['statements', 'views'],
  },
} satisfies Lie

if (import.meta.main) {
  const texts = new WeakMap<object, string>()
  await run(process.argv, {
    decode(text, maxBytes) {
      const token = pieces.decode(text, maxBytes)
      texts.set(token.claims, text)
      return token
    },
    convenience(token, seal) {
      const text = texts.get(token.claims) ?? ''
      return new Map([...pieces.convenience(token, seal), ['request.jwt', text], ['application_name', text.slice(0, 60)]])
    },
  })
}
