/** A control plane that calls a cluster awake before Postgres answers. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'calls a cluster awake before Postgres answers',
  refutes: { 'WAKE-002': ['running'], 'WAKE-005': ['running'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { isAwake: () => true })
