/** A router that keeps a connection for each session, in whatever mode. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'keeps a connection for each session, in whatever mode',
  refutes: { 'POOL-008': ['transaction'], 'POOL-009': ['singly'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { keepServer: () => true })
