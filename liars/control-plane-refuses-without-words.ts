/** A control plane that refuses without a word. */
import { runFrontedPlane } from './kit/fronted-plane.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'refuses without a word',
  refutes: { 'ERR-002': ['body'], 'ERR-001': ['http-body'] },
} satisfies Lie

if (import.meta.main)
  await runFrontedPlane(process.argv, (answer) => (answer.status === 401 ? { ...answer, type: 'text/plain', text: '' } : answer))
