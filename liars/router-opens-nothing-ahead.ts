/** A router that opens server connections on demand only, whatever it was told to have ready. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'opens server connections on demand only, whatever it was told to have ready',
  refutes: { 'POOL-001': ['opened'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { pool: { ...honestPieces.pool, minimum: () => 0 } })
