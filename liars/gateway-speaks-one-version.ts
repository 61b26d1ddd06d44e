/** A gateway that speaks version 3.0 and turns all others away. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'speaks version 3.0 and turns all others away',
  refutes: { 'SEC-134': ['negotiated', 'spoken', 'options'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    versions: {
      ...pieces.versions,
      check({ major, minor }) {
        if (major !== 3 || minor !== 0) throw new Refusal('protocol_violation')
      },
    },
  })
}
