/** A gateway that turns clients away whose cluster sleeps. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'turns clients away whose cluster sleeps',
  refutes: { 'WAKE-003': ['served'], 'WAKE-007': ['answered'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeWaker: () => ({ run: ({ connect }) => connect() }) })
