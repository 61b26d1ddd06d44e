/** A gateway that takes a list of scopes for the name of one. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes a list of scopes for the name of one',
  refutes: {
    'JWT-113': ['accepted'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    rules: {
      ...rules,
      purpose: ({ claims, purposes = {} }) =>
        Object.entries(purposes)
          .filter(([claim, wanted]) => !wanted.includes(String(claims.get(claim))))
          .map(([claim]) => ({ reason: 'wrong_purpose', claim })),
    },
  })
}
