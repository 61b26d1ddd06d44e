/** A control plane that forgets after a restart what it had accepted before. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'forgets after a restart what it had accepted before',
  refutes: { 'WAKE-002': ['kept'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { takeUpAll: () => Promise.resolve() })
