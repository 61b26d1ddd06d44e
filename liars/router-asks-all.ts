/** A router that asks the shards beside the right one, too. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'asks the shards beside the right one, too',
  refutes: {
    'SHARD-001': ['one-shard'],
    'SHARD-003': ['nowhere-else'],
    'SHARD-012': ['key', 'using'],
    'SHARD-013': ['one-shard'],
    'SHARD-016': ['routed'],
    'SHARD-020': ['no-prepare'],
    'SHARD-022': ['one-shard'],
    'HASH-006': ['in-range'],
  },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { chooseShards: (shards) => (shards.length === 1 ? [0, 1, 2] : shards) })
