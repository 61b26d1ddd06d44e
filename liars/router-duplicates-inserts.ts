/** A router that sends all rows of an INSERT to every shard that has one of them. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'sends all rows of an INSERT to every shard that has one of them',
  refutes: { 'SHARD-015': ['split'], 'SHARD-102': ['once'], 'SHARD-103': ['once'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    splitRows: (rows) => {
      const all = [...rows.values()].flat().toSorted((a, b) => a - b)
      return new Map([...rows.keys()].map((shard) => [shard, all]))
    },
  })
