/** Once every fault is healed the system gets well by itself. */
import { checkOf } from '../finding.ts'

export default checkOf('healthy-again', 'the system is well again by itself', ({ fences }) =>
  fences
    .filter(({ when, healthy }) => when === 'after' && !healthy)
    .map(({ seen }) => ({ kind: 'not-healthy', text: `all faults are healed, and yet: ${seen}`, operations: [] })),
)
