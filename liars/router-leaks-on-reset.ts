/** A router that loses a place in its pool with every connection that it has to make anew. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'loses a place in its pool with every connection that was lost',
  refutes: { 'CHAOS-003': ['resumes'] },
} satisfies Lie

if (import.meta.main) {
  let made = 0
  await runRouter(process.argv, {
    pool: { ...honestPieces.pool, capacity: (size) => Math.max(0, size - Math.max(0, made - size)) },
    connectDeadlineMs(connectTimeoutMs) {
      made++
      return connectTimeoutMs
    },
  })
}
