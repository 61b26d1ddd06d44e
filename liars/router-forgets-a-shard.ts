/** A router that leaves one shard out where several are asked. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'leaves one shard out where several are asked',
  refutes: {
    'SHARD-002': ['once', 'merged'],
    'OROCHI-004': ['asked', 'merged'],
    'SHARD-009': ['one-row', 'values', 'averages'],
    'SHARD-007': ['aggregate'],
  },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { chooseShards: (shards) => (shards.length > 1 ? shards.slice(1) : shards) })
