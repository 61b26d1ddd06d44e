/** A router whose pools have two connections, whatever they were given. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'has two connections in each pool, whatever it was given',
  refutes: { 'POOL-002': ['grown'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { pool: { ...honestPieces.pool, capacity: (size) => Math.min(2, size) } })
