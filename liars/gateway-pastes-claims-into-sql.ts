/** A gateway that pastes the subject of a token into a statement without quoting it. */
import { pieces, run } from '../reference/gateway/index.ts'
import { runFirst } from './kit/upstream-statement.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'pastes the subject of a token into a statement without quoting it',
  refutes: { 'SESS-008': ['nothing-executed'], 'SEC-120': ['nothing-executed'], 'SEC-003': ['no-statement'] },
} satisfies Lie

if (import.meta.main) {
  let subject = ''
  await run(process.argv, {
    judgeAdmission(token, wishes, terms) {
      subject = String(token.claims.get('sub'))
      return pieces.judgeAdmission(token, wishes, terms)
    },
    async logIn(upstream, login) {
      const greeting = await pieces.logIn(upstream, login)
      await runFirst(upstream, `set orochi.subject to '${subject}'`)
      return greeting
    },
  })
}
