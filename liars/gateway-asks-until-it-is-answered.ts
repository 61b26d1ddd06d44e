/** A gateway that asks a control plane that fails again and again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks a control plane that fails again and again',
  refutes: { 'SEC-145': ['bounded'] },
} satisfies Lie

const pauseMs = 20

if (import.meta.main) {
  await run(process.argv, {
    makeWaker(terms) {
      const { controlPlane } = terms
      const insist: typeof controlPlane.state = (cluster, signal) =>
        controlPlane.state(cluster, signal).catch(async (cause: unknown) => {
          if (signal.aborted) throw cause
          await sleep(pauseMs)
          return await insist(cluster, signal)
        })
      return pieces.makeWaker({ ...terms, controlPlane: { ...controlPlane, state: insist } })
    },
  })
}
