/** A control plane that calls a cluster suspended that is still being put to sleep. */
import { runFrontedPlane } from './kit/fronted-plane.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'calls a cluster suspended that is still being put to sleep',
  refutes: { 'WAKE-001': ['states'] },
} satisfies Lie

if (import.meta.main)
  await runFrontedPlane(process.argv, (answer) => ({ ...answer, text: answer.text.replaceAll('suspending', 'suspended') }))
