/** A router that asks the shards in turn where one of them has to be asked. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'asks the shards in turn where one of them has to be asked',
  refutes: { 'SHARD-105': ['placed', 'found'] },
} satisfies Lie

let turn = 0

if (import.meta.main) await runRouter(process.argv, { chooseShards: (shards) => (shards.length === 1 ? [turn++ % 2] : shards) })
