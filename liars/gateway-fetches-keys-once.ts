/** A gateway that fetches the keys of an issuer at the start and never again. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'fetches the keys of an issuer at the start and never again',
  refutes: {
    'ERR-003': ['overlap', 'afterwards'],
    'JWT-103': ['new-key'],
    'JWT-104': ['cool-down', 'recovers'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeKeySource: (terms) => pieces.makeKeySource({ ...terms, refreshMs: Number.POSITIVE_INFINITY, cooldownMs: Number.POSITIVE_INFINITY }),
  })
}
