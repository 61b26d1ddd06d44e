/** A gateway that asks no token for its type or what it is for. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks no token for its type or what it is for',
  refutes: {
    'JWT-113': ['type', 'purpose'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { checkHeader: () => {}, rules: { ...rules, type: () => [], purpose: () => [] } })
}
