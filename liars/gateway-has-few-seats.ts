/** A gateway that lets ten wait for a cluster and no more, whatever it is told. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets ten wait for a cluster and no more, whatever it is told',
  refutes: { 'WAKE-003': ['crowd'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, { makeWaker: (terms) => pieces.makeWaker({ ...terms, queue: { ...terms.queue, total: 10 } }) })
