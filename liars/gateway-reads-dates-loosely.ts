/** A gateway that takes for a date whatever can be compared. */
import { rules, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes for a date whatever can be compared',
  refutes: {
    'JWT-109': ['reason'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { rules: { ...rules, dates: () => [] } })
}
