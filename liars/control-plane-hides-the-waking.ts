/** A control plane that calls a cluster suspended until it is awake. */
import { runFrontedPlane } from './kit/fronted-plane.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'calls a cluster suspended until it is awake',
  refutes: { 'WAKE-002': ['waking'] },
} satisfies Lie

if (import.meta.main)
  await runFrontedPlane(process.argv, (answer) => ({ ...answer, text: answer.text.replaceAll('"waking"', '"suspended"') }))
