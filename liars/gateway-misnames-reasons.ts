/** A gateway that writes the wrong reason into its audit log. */
import { pieces, Refusal, run, rules, type Rule } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes the wrong reason into its audit log',
  refutes: { 'JWT-002': ['reason'], 'JWT-003': ['reason'], 'JWT-004': ['reason'], 'JWT-005': ['reason'] },
} satisfies Lie

/** Every finding of a rule becomes one of another rule. */
function misname(rule: Rule): Rule {
  return (judgement) => rule(judgement).map((finding) => ({ ...finding, reason: 'invalid_audience' }))
}

if (import.meta.main) {
  const misnamed = Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, misname(rule)])) as typeof rules
  await run(process.argv, {
    rules: misnamed,
    async checkSignature(token, signer) {
      try {
        await pieces.checkSignature(token, signer)
      } catch {
        throw new Refusal('invalid_audience')
      }
    },
  })
}
