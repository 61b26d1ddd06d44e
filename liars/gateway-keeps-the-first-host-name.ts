/** A gateway that takes each client for one that comes by the host name of the first. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes each client for one that comes by the host name of the first',
  refutes: {
    'BRANCH-002': ['host'],
    'SEC-138': ['fallback', 'this-handshake'],
  },
} satisfies Lie

if (import.meta.main) {
  let first: string | null = null
  await run(process.argv, {
    readWishes(startup, terms) {
      first ??= terms?.host ?? null
      return pieces.readWishes(startup, { fallbacks: [], ...terms, host: first })
    },
  })
}
