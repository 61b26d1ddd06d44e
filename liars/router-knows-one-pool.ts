/** A router that has one number of server connections for all databases and users together. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'has one number of server connections for all databases and users together',
  refutes: { 'POOL-006': ['unaffected'], 'POOL-007': ['unaffected'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    pool: { ...honestPieces.pool, minimum: () => 0, capacity: (size, elsewhere) => Math.max(size, 2) - elsewhere() },
  })
