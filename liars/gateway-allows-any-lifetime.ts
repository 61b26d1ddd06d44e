/** A gateway that lets tokens last as long as they like. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets tokens last as long as they like',
  refutes: {
    'JWT-109': ['refused'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { rules: { ...rules, lifetime: () => [] } })
}
