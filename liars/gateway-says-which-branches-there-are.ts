/** A gateway that answers otherwise where there is no such branch than where it is forbidden. */
import { reasons, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'answers otherwise where there is no such branch than where it is forbidden',
  refutes: {
    'SEC-137': ['refused', 'alike'],
    'SEC-138': ['strict'],
  },
} satisfies Lie

if (import.meta.main) {
  const unknown_route = { sqlstate: '3D000', wording: 'there is no such branch', level: 'info' } as const
  await run(process.argv, { reasons: { ...reasons, unknown_route } })
}
