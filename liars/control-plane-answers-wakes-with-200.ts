/** A control plane that answers a wake as if it were done. */
import { runFrontedPlane } from './kit/fronted-plane.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'answers a wake as if it were done',
  refutes: { 'WAKE-002': ['accepted'], 'WAKE-005': ['answers'] },
} satisfies Lie

if (import.meta.main) await runFrontedPlane(process.argv, (answer) => ({ ...answer, status: answer.status === 202 ? 200 : answer.status }))
