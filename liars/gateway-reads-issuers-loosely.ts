/** A gateway that takes an issuer for ours that differs in a slash or a letter. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes an issuer for ours that differs in a slash or a letter',
  refutes: {
    'JWT-111': ['issuer'],
  },
} satisfies Lie

if (import.meta.main) {
  const plain = (name: unknown) => String(name).toLowerCase().replace(/\/$/, '')
  await run(process.argv, {
    rules: {
      ...rules,
      issuer: (judgement) => (plain(judgement.claims.get('iss')) === plain(judgement.issuer.issuer) ? [] : rules.issuer(judgement)),
    },
  })
}
