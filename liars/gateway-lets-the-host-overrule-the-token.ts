/** A gateway that lets the host name overrule what the token is for. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets the host name overrule what the token is for',
  refutes: {
    'BRANCH-002': ['agree'],
    'SEC-137': ['refused', 'nothing-reached'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      const claims = new Map([...token.claims].filter(([name]) => name !== 'branch_id'))
      const overruled = wishes.hints.host !== null && wishes.hints.host !== 'localhost'
      return { ...pieces.judgeAdmission(overruled ? { ...token, claims } : token, wishes, terms), token }
    },
  })
}
