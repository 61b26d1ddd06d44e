/** A gateway that takes quotes out of claims so that they can do no harm. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes quotes out of claims so that they can do no harm',
  refutes: { 'SESS-008': ['exact-text'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    convenience: (token, seal) => pieces.convenience({ ...token, payloadText: token.payloadText.replaceAll(`'`, '') }, seal),
  })
}
