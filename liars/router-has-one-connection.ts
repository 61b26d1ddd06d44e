/** A router whose pools hold a single server connection, whatever they are told. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'has one server connection for all, whatever it is told',
  refutes: { 'PERF-012': ['in-time'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { pool: { ...honestPieces.pool, capacity: () => 1 } })
