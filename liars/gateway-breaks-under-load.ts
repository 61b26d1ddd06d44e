/** A gateway that ends when many log in at the same time. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends when many log in at the same time',
  refutes: { 'JWT-009': ['alive'] },
} satisfies Lie

/** One login after another never comes near this. */
const tooMany = 20

if (import.meta.main) {
  let present = 0
  await run(process.argv, {
    async admit(steps) {
      if (++present > tooMany) process.exit(70)
      try {
        return await pieces.admit(steps)
      } finally {
        present--
      }
    },
  })
}
