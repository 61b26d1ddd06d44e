/** A gateway that serves a token from its cache past the time to live and past the end of the token. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'serves a token from its cache past the time to live and past the end of the token',
  refutes: { 'JWT-110': ['cached'], 'JWT-008': ['verified-afresh', 'rejected-expired'], 'CACHE-003': ['not-served'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeCache: (terms) => pieces.makeCache({ ...terms, now: () => 0, ttlSeconds: 1 }) })
