/** A gateway that seals claims that outlive their token by three years. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'seals claims that outlive their token by three years',
  refutes: {
    'SEC-118': ['bound'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    signedClaims: (token, role, seal) => pieces.signedClaims({ ...token, endMs: token.endMs + 1e11 }, role, seal),
  })
}
