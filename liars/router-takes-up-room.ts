/** A router that is 200 MB larger than it need be. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'is 200 MB larger than it need be',
  refutes: { 'MEM-001': ['idle'] },
} satisfies Lie

if (import.meta.main) {
  const room = Buffer.alloc(200_000_000, 1)
  await runRouter(process.argv)
  process.once('exit', () => room.fill(0))
}
