/** A control plane that has a cluster started twice for one wake. */
import { pieces } from '../reference/control-plane/pieces.ts'
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'has a cluster started twice for one wake',
  refutes: { 'WAKE-003': ['one-wake'], 'WAKE-005': ['one-wake'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeProvisioner(config) {
      const honest = pieces.makeProvisioner(config)
      return {
        ...honest,
        async resume(...order) {
          await honest.resume(...order)
          await honest.resume(...order)
        },
      }
    },
  })
