/** A router that pools by transaction where it was told to keep a connection for the session. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'pools by transaction where it was told to keep a connection for the session',
  refutes: { 'POOL-008': ['session'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    keepServer: ({ status, pinned }) => honestPieces.keepServer({ status, pinned, mode: 'transaction' }),
  })
