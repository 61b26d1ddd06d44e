/** A gateway that shakes hands again whenever it is asked to, and resumes old sessions. */
import { createSecureContext } from 'node:tls'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'shakes hands again whenever it is asked to, and resumes old sessions',
  refutes: { 'SEC-139': ['renegotiation', 'resumption'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    tls: {
      ...pieces.tls,
      makeContext: (cert, key, clients) => createSecureContext({ cert, key, ...clients, sessionIdContext: 'clients' }),
    },
  })
