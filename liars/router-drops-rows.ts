/** A router that loses one row in a thousand. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'loses one row in a thousand',
  refutes: { 'CONN-009': ['rows', 'checksum'] },
} satisfies Lie

const dataRow = 'D'.charCodeAt(0)

if (import.meta.main) {
  let rows = 0
  await runRouter(process.argv, {
    // Whole rows only: half a row would break the protocol, which is another lie.
    passResult: (frame) => (frame.type === dataRow && frame.piece === 'whole' && ++rows % 1000 === 0 ? null : frame.bytes),
  })
}
