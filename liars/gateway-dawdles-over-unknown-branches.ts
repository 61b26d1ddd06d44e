/** A gateway that takes its time to refuse where there is no such branch. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes its time to refuse where there is no such branch',
  refutes: {
    'SEC-137': ['same-time'],
  },
} satisfies Lie

/** A login takes a fraction of that. */
const dawdleMs = 300

if (import.meta.main) {
  await run(process.argv, {
    async admit(steps) {
      return await pieces.admit(steps).catch(async (cause: unknown) => {
        if (cause instanceof Refusal && cause.reason === 'unknown_route') await sleep(dawdleMs)
        throw cause
      })
    },
  })
}
