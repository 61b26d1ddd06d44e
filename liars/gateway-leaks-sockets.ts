/** A gateway that opens a second connection to the pooler for each login and never closes it. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'opens a second connection to the pooler for each login and never closes it',
  refutes: { 'CONN-006': ['no-socket-leak'] },
} satisfies Lie

if (import.meta.main) {
  const lost = new AbortController()
  const kept: unknown[] = []
  await run(process.argv, {
    async dial(address, signal) {
      kept.push(await pieces.dial(address, lost.signal))
      return pieces.dial(address, signal)
    },
  })
}
