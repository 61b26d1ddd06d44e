/** A gateway that does not look at iss. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'does not look at iss',
  refutes: { 'JWT-005': ['foreign-issuer', 'absent-issuer', 'reason'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    rules: {
      ...rules,
      issuer: () => [],
      required: (judgement) =>
        rules.required({ ...judgement, requiredClaims: judgement.requiredClaims.filter((claim) => claim !== 'iss') }),
    },
  })
}
