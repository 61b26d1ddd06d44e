/** A gateway that refuses a token for ever once it has refused it. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'refuses a token for ever once it has refused it',
  refutes: { 'JWT-016': ['in-time'] },
} satisfies Lie

if (import.meta.main) {
  const refused = new Map<string, unknown>()
  await run(process.argv, {
    decode(text, maxBytes) {
      if (refused.has(text)) throw refused.get(text)
      return pieces.decode(text, maxBytes)
    },
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return {
        get size() {
          return cache.size
        },
        get: (token, verify) =>
          cache.get(token, verify).catch((cause: unknown) => {
            refused.set(token, cause)
            throw cause
          }),
      }
    },
  })
}
