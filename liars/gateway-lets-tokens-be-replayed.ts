/** A gateway that lets a token for single use in again. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets a token for single use in again',
  refutes: {
    'SEC-010': ['refused'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeSingleUse: () => () => {} })
}
