/** A control plane that answers 403 to whoever shows no token. */
import { runFrontedPlane } from './kit/fronted-plane.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'answers 403 to whoever shows no token',
  refutes: { 'ERR-002': ['status'], 'ERR-001': ['http-status'], 'AUTH-001': ['api'], 'AUTH-002': ['api'] },
} satisfies Lie

if (import.meta.main) await runFrontedPlane(process.argv, (answer) => ({ ...answer, status: answer.status === 401 ? 403 : answer.status }))
