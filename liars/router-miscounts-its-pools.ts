/** A router that tells all of its connections as idle. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'tells all of its connections as idle',
  refutes: { 'POOL-010': ['active', 'idle'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    tellLevels: ({ serversActive, serversIdle, ...levels }) => ({ ...levels, serversActive: 0, serversIdle: serversIdle + serversActive }),
  })
