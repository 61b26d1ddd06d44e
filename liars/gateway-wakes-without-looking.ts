/** A gateway that has a cluster woken without a look at its state. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'has a cluster woken without a look at its state',
  refutes: { 'WAKE-007': ['order'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeWaker({ controlPlane, ...terms }) {
      const wake = (cluster: string, signal: AbortSignal) => controlPlane.wake(cluster, signal)
      return pieces.makeWaker({ ...terms, controlPlane: { state: wake, wake } })
    },
  })
