/** A router that leaves a prepared transaction behind. */
import { runMeddling } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'leaves a prepared transaction behind',
  refutes: { 'CHAOS-006': ['drained'], 'SHARD-010': ['drained'], 'SHARD-011': ['drained'], '2PC-006': ['none-old'] },
} satisfies Lie

if (import.meta.main) {
  const leave = `begin; select pg_catalog.txid_current(); prepare transaction 'left_behind'`
  await runMeddling(process.argv, /commit\0/, [0], leave)
}
