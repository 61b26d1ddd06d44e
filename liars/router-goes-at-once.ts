/** A router that is asked to end gently, and goes at once. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'ends at once when it is asked to end gently',
  refutes: { 'CHAOS-004': ['gentle'] },
} satisfies Lie

if (import.meta.main) {
  process.prependListener('SIGTERM', () => process.exit(0))
  await runRouter(process.argv)
}
