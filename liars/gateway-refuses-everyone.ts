/** A gateway that refuses every token, good or bad. */
import { run, Refusal } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'refuses every token, good or bad',
  refutes: {
    'JWT-001': ['accepted', 'claims', 'no-error'],
    'JWT-010': ['equal', 'tenant-and-branch', 'nothing-added', 'nothing-dropped'],
    'CONN-001': ['connects', 'value'],
    'CONN-003': ['authenticated', 'query', 'identity'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission() {
      throw new Refusal('unknown_role')
    },
  })
}
