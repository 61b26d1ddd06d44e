/** A router that loses one row in a thousand. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'loses one row in a thousand',
  refutes: { 'CONN-009': ['rows', 'checksum'] },
} satisfies Lie

if (import.meta.main) {
  let rows = 0
  await runRouter(process.argv, { passResult: (frame) => (frame.type === 'D'.charCodeAt(0) && ++rows % 1000 === 0 ? null : frame.bytes) })
}
