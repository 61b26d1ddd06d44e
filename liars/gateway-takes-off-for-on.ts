/** A gateway that takes any word about replication for a wish to replicate. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes any word about replication for a wish to replicate',
  refutes: { 'SEC-135': ['off'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readWishes(startup, terms) {
      const asked = startup.parameters.some(([name]) => name === 'replication')
      return { ...pieces.readWishes(startup, terms), ...(asked ? { replication: 'true' } : {}) }
    },
  })
}
