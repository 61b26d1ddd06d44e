/** A gateway that keeps four megabytes of everybody who comes. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'keeps four megabytes of everybody who comes',
  refutes: { 'MEM-004': ['steady'] },
} satisfies Lie

const kept: Buffer[] = []

if (import.meta.main) {
  await run(process.argv, {
    async admit(steps) {
      kept.push(Buffer.alloc(4 * 2 ** 20, kept.length + 1))
      return pieces.admit(steps)
    },
  })
}
