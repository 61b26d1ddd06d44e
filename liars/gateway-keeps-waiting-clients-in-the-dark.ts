/** A gateway that tells a waiting client nothing. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'tells a waiting client nothing',
  refutes: { 'SEC-145': ['told'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeWaker: (terms) => pieces.makeWaker({ ...terms, noticeMs: 0 }) })
}
