/** A gateway that remembers no other token than the last. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'remembers no other token than the last',
  refutes: { 'CACHE-001': ['used'], 'CACHE-002': ['stored'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, entries: 1 }) })
