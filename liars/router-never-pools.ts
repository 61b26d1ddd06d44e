/** A router that opens a server connection for each client and closes it after. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'opens a server connection for each client and closes it after',
  refutes: { 'CONN-005': ['bounded', 'shared'], 'PERF-004': ['reused'], 'POOL-002': ['bounded'], 'REC-003': ['no-stampede'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { pool: { ...honestPieces.pool, capacity: () => 150, reuse: () => false } })
