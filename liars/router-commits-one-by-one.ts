/** A router that commits shard by shard, in one phase. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'commits shard by shard, in one phase',
  refutes: { 'SHARD-010': ['prepared'], 'SHARD-011': ['no-rows'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { usesTwoPhases: () => false })
