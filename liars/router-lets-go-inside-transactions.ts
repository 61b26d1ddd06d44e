/** A router that gives the server connection away in the middle of a transaction. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'gives the server connection away in the middle of a transaction',
  refutes: { 'CONN-008': ['one-backend'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { keepServer: () => false })
