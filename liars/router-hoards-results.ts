/** A router that keeps every row it has passed on. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'keeps every row it has passed on',
  refutes: { 'CONN-009': ['memory'] },
} satisfies Lie

if (import.meta.main) {
  const hoard: Buffer[] = []
  await runRouter(process.argv, {
    passResult(frame) {
      hoard.push(Buffer.concat([frame.bytes]))
      return frame.bytes
    },
  })
}
