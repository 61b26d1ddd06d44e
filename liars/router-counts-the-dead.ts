/** A router that takes broken server connections for good ones. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes broken server connections for good ones',
  refutes: { 'POOL-005': ['discarded', 'working'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { pool: { ...honestPieces.pool, forget: () => false } })
