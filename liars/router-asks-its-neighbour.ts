/** A router that asks the shard beside the right one. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'asks the shard beside the right one',
  refutes: {
    'SHARD-001': ['designated', 'row'],
    'SHARD-003': ['placed'],
    'SHARD-004': ['tag', 'designated', 'others-unchanged'],
    'SHARD-005': ['tag', 'gone'],
    'SHARD-006': ['agreement'],
    'SHARD-014': ['tenant-shard'],
    'SHARD-015': ['placed'],
    'SHARD-017': ['text', 'binary'],
    'SHARD-019': ['placed'],
    'SHARD-101': ['placed'],
    'HASH-001': ['equal'],
    'HASH-002': ['equal'],
    'HASH-003': ['equal'],
    'HASH-004': ['equal'],
    'HASH-005': ['equal'],
    'HASH-006': ['equal'],
    'OROCHI-002': ['placed'],
    'OROCHI-003': ['pruned'],
  },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { chooseShards: (shards) => shards.map((shard) => (shard + 1) % 3) })
