/** A control plane that answers 202 to a wake that the platform has refused. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'answers 202 to a wake that the platform has refused',
  refutes: { 'WAKE-002': ['refused'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { answerWake: ({ kind }) => ({ status: kind === 'awake' ? 200 : 202 }) })
