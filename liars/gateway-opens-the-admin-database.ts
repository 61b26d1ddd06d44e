/** A gateway that lets whoever names the pooler's admin database in. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets whoever names the admin database of the pooler in',
  refutes: { 'SEC-007': ['admin-database'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeAdmission: (token, wishes, terms) => pieces.judgeAdmission(token, wishes, { ...terms, databases: [...terms.databases, 'admin'] }),
  })
}
