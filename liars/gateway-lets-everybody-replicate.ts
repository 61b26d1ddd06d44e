/** A gateway that lets tokens replicate that do not say so. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets tokens replicate that do not say so',
  refutes: { 'SEC-135': ['denied'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { judgeReplication: () => {} })
