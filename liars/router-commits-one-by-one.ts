/** A router that commits shard by shard, in one phase. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'commits shard by shard, in one phase',
  refutes: {
    'SHARD-010': ['prepared'],
    'SHARD-011': ['no-rows'],
    '2PC-001': ['rolled-back'],
    '2PC-002': ['rolled-back'],
    '2PC-004': ['kept'],
    '2PC-007': ['listed', 'committed', 'rolled-back'],
  },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { usesTwoPhases: () => false })
