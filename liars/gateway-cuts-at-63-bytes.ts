/** A gateway that cuts claims where Postgres cuts names. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'cuts claims where Postgres cuts names',
  refutes: { 'SEC-121': ['whole', 'apart'] },
} satisfies Lie

const cut = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, 63) : value)

if (import.meta.main) {
  await run(process.argv, {
    signedClaims: (token, role, seal) =>
      pieces.signedClaims({ ...token, claims: new Map([...token.claims].map(([name, value]) => [name, cut(value)])) }, role, seal),
  })
}
