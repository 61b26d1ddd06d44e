/** A gateway that gives a client the role it asks for, whatever its token says. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'gives a client the role it asks for, whatever its token says',
  refutes: { 'AUTH-003': ['listener'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      const claims = new Map([...token.claims, ['role', wishes.user] as const])
      return pieces.judgeAdmission({ ...token, claims }, wishes, terms)
    },
  })
}
