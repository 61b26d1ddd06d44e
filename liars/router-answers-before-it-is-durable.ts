/** A router whose servers answer COMMIT before what is committed is on a disk or on a replica. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'has COMMIT answered before it is durable',
  refutes: { 'CHAOS-001': ['no-loss'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    replay: (parameters) => honestPieces.replay(new Map([...parameters, ['synchronous_commit', 'off']])),
  })
