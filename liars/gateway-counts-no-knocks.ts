/** A gateway that never counts how often an address knocks, nor how often it fails. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'never counts how often an address knocks, nor how often it fails',
  refutes: { 'SEC-006': ['limited'], 'AUTH-004': ['refused', 'unverified'], 'AUTH-005': ['locked', 'alert'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeGate: ({ limits, ...terms }) =>
      pieces.makeGate({ ...terms, limits: { ...limits, perAddress: { ...limits.perAddress, exempt: ['0.0.0.0/0', '::/0'] } } }),
  })
