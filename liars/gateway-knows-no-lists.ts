/** A gateway that takes an audience for another one when it stands in a list. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes an audience for another one when it stands in a list',
  refutes: { 'JWT-111': ['listed'], 'JWT-017': ['listed'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    rules: {
      ...rules,
      audience: (judgement) => (Array.isArray(judgement.claims.get('aud')) ? [{ reason: 'invalid_audience' }] : rules.audience(judgement)),
    },
  })
}
