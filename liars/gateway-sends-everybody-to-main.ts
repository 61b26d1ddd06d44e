/** A gateway that sends everybody to the branch main, whatever host, token and hints say. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'sends everybody to the branch main, whatever host, token and hints say',
  refutes: {
    'BRANCH-002': ['host', 'claim', 'setting', 'agree'],
    'BRANCH-005': ['isolated', 'fixed'],
    'SEC-137': ['refused', 'nothing-reached'],
    'SEC-138': ['forms', 'strict', 'nothing-reached', 'this-handshake'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      const claims = new Map([...token.claims].filter(([name]) => name !== 'branch_id' && name !== 'cluster_id'))
      const hints = { host: null, options: null, database: null }
      return { ...pieces.judgeAdmission({ ...token, claims }, { ...wishes, hints }, terms), token }
    },
  })
}
