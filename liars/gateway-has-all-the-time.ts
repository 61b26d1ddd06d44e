/** A gateway that lets clients wait an hour for a cluster, whatever it is told. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets clients wait an hour for a cluster, whatever it is told',
  refutes: { 'WAKE-004': ['error'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeWaker: (terms) => pieces.makeWaker({ ...terms, deadlineMs: 3_600_000 }) })
