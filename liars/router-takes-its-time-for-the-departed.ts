/** A router that frees the server connection of a client that left in the midst of a transaction a while later. */
import { discardSession } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'
import { runAfterDepartures } from './kit/departed.ts'

export default {
  part: 'router',
  why: 'frees the server connection of a client that left in the midst of a transaction a while later',
  refutes: { 'CONN-013': ['in-time'] },
} satisfies Lie

if (import.meta.main) await runAfterDepartures(process.argv, (cleanQuery) => ['SELECT pg_sleep(1.4)', ...discardSession(cleanQuery)])
