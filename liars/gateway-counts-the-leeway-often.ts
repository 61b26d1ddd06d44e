/** A gateway that takes a token for three times the leeway after its end. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes a token for three times the leeway after its end',
  refutes: { 'JWT-110': ['beyond'], 'JWT-012': ['beyond'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    rules: { ...rules, expiry: (judgement) => rules.expiry({ ...judgement, leewaySeconds: 3 * judgement.leewaySeconds }) },
  })
}
