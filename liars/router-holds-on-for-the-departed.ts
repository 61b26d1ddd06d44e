/** A router that keeps the server connection of a client that left in the midst of a transaction. */
import type { Lie } from './kit/lie.ts'
import { runAfterDepartures } from './kit/departed.ts'

export default {
  part: 'router',
  why: 'keeps the server connection of a client that left in the midst of a transaction',
  refutes: { 'CONN-013': ['idle', 'in-time'] },
} satisfies Lie

if (import.meta.main) await runAfterDepartures(process.argv, () => ['SELECT pg_sleep(4)'])
