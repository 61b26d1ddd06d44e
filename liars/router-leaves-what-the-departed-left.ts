/** A router that passes the server connection of a client that left in the midst of a transaction on as it is. */
import type { Lie } from './kit/lie.ts'
import { runAfterDepartures } from './kit/departed.ts'

export default {
  part: 'router',
  why: 'passes the server connection of a client that left in the midst of a transaction on as it is',
  refutes: { 'CONN-013': ['clean'] },
} satisfies Lie

if (import.meta.main) await runAfterDepartures(process.argv, () => ['SELECT 1'])
