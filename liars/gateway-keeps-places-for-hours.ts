/** A gateway that has leases of an hour: what it held when it was killed stays taken. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'has leases of an hour: what it held when it was killed stays taken',
  refutes: { 'SEC-143': ['returned'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    keepLeases: ({ config, ...terms }) => pieces.keepLeases({ ...terms, config: config && { ...config, leaseSeconds: 3600 } }),
  })
