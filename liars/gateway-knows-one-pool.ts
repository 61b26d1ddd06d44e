/** A gateway that sends every tenant into the common pool. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'sends every tenant into the common pool',
  refutes: { 'MT-006': ['unslowed'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission: (token, wishes, terms) =>
      pieces.judgeAdmission(token, wishes, { ...terms, roles: terms.roles.filter(({ tenants }) => tenants === undefined) }),
  })
}
