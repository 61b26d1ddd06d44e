/** A gateway that reads no more than the first hundred audiences of a token. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reads no more than the first hundred audiences of a token',
  refutes: {
    'JWT-111': ['many'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    rules: {
      ...rules,
      audience(judgement) {
        const aud = judgement.claims.get('aud')
        const read = Array.isArray(aud) ? aud.slice(0, 100) : aud
        return rules.audience({ ...judgement, claims: new Map([...judgement.claims, ['aud', read]]) })
      },
    },
  })
}
