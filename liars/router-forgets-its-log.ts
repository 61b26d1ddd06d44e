/** A router that commits in two phases and writes no decision down. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'commits in two phases and forgets what it has decided',
  refutes: { 'CHAOS-006': ['atomic'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { keepsDecision: false })
