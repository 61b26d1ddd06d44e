/** A router that gives every read to the primary, though there are replicas. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'gives every read to the primary',
  refutes: { 'CHAOS-001': ['reads'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { chooseServer: (_, choice) => honestPieces.chooseServer('write', choice) })
