/** A gateway that lets everybody in while it does not know how many are in. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets everybody in while it does not know how many are in',
  refutes: { 'SEC-143': ['away'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    keepLeases: ({ config, ...terms }) => pieces.keepLeases({ ...terms, config: config && { ...config, whenAway: 'local' } }),
  })
