/** A gateway that takes quotes out of claims so that they can do no harm. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes quotes out of claims so that they can do no harm',
  refutes: { 'SESS-008': ['exact-text'], 'SEC-120': ['verified', 'plain'], 'SQLI-002': ['quoted'] },
} satisfies Lie

if (import.meta.main) {
  const strip = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll(`'`, '') : value)
  await run(process.argv, {
    signedClaims: (token, role, seal) =>
      pieces.signedClaims({ ...token, claims: new Map([...token.claims].map(([name, value]) => [name, strip(value)])) }, role, seal),
    convenience: (token, seal) => pieces.convenience({ ...token, payloadText: token.payloadText.replaceAll(`'`, '') }, seal),
  })
}
