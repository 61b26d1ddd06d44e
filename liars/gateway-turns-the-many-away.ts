/** A gateway that serves thirty clients at a time and turns the others away. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'serves thirty clients at a time and turns the others away',
  refutes: { 'CONN-012': ['all'] },
} satisfies Lie

const tooMany = 30

if (import.meta.main) {
  let present = 0
  await run(process.argv, {
    async admit(steps) {
      if (++present > tooMany) throw new Refusal('upstream_unavailable')
      setTimeout(() => present--, 2_000)
      return pieces.admit(steps)
    },
  })
}
