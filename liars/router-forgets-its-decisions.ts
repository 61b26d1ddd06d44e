/** A router that commits in two phases and writes down nothing: what it had decided is forgotten when it dies, or loses a shard. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'forgets what it had decided to commit',
  refutes: { '2PC-003': ['alike'], '2PC-004': ['resolved'], '2PC-005': ['completed', 'never-half'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { keepsDecision: false })
