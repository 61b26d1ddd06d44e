/** A gateway that takes another branch than main for those who name none. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes another branch than main for those who name none',
  refutes: {
    'BRANCH-001': ['main', 'told'],
    'SEC-138': ['fallback'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      const silent = wishes.hints.options === null && !wishes.hints.host?.includes('db.') && !token.claims.has('branch_id')
      return pieces.judgeAdmission(token, silent ? { ...wishes, hints: { ...wishes.hints, options: 'local.hotfix' } } : wishes, terms)
    },
  })
}
