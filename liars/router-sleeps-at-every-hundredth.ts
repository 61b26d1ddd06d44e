/** A router that sleeps 3 ms at every hundredth statement, and everybody with it. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'sleeps 3 ms at every hundredth statement',
  refutes: { 'PERF-002': ['in-time'], 'PERF-011': ['in-time'] },
} satisfies Lie

if (import.meta.main) {
  const never = new Int32Array(new SharedArrayBuffer(4))
  let count = 0
  await runFronted(process.argv, {
    toServer(chunk) {
      if (++count % 100 === 0) Atomics.wait(never, 0, 0, 3)
      return chunk
    },
  })
}
