/** A gateway that takes a fifth of a second longer where there is no such database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes a fifth of a second longer where there is no such database',
  refutes: {
    'SEC-146': ['time'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    async admit(steps) {
      try {
        return await pieces.admit(steps)
      } catch (cause) {
        if (cause instanceof Refusal && cause.reason === 'unknown_database') await sleep(200)
        throw cause
      }
    },
  })
}
