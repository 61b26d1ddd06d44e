/** A gateway that takes 60 ms longer over each login. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes 60 ms longer over each login',
  refutes: { 'PERF-001': ['in-time'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    async admit(steps) {
      await sleep(60)
      return pieces.admit(steps)
    },
  })
}
