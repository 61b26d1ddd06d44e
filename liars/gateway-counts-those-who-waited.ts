/** A gateway that counts clients as waiting that have gone. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'counts clients as waiting that have gone',
  refutes: { 'WAKE-004': ['gone'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeWaker: ({ metrics, ...terms }) =>
      pieces.makeWaker({ ...terms, metrics: { ...metrics, waiting: (change) => void (change > 0 && metrics.waiting(change)) } }),
  })
