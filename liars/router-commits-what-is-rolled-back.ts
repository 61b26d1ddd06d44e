/** A router that commits what a client rolls back. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'commits what a client rolls back',
  refutes: { 'SHARD-021': ['no-rows', 'none-prepared'], 'OROCHI-010': ['atomic'] },
} satisfies Lie

if (import.meta.main) await runRewritten(process.argv, [['rollback', 'commit']])
