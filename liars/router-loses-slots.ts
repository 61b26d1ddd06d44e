/** A router that loses a place in its pool with every connection it tries to make. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'loses a place in its pool with every connection it tries to make',
  refutes: { 'CONN-006': ['no-slot-leak'] },
} satisfies Lie

if (import.meta.main) {
  let left = Number.NaN
  await runRouter(process.argv, {
    pool: {
      ...honestPieces.pool,
      capacity(size) {
        if (Number.isNaN(left)) left = size
        return left
      },
    },
    connectDeadlineMs(connectTimeoutMs) {
      setInterval(() => (left = Math.max(0, left - 1)), connectTimeoutMs / 5).unref()
      return connectTimeoutMs
    },
  })
}
