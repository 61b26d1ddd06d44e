/** A gateway that overlooks a search path in the start-up packet. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'overlooks a search path in the start-up packet',
  refutes: { 'SEC-128': ['start-up'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readWishes: (startup) =>
      pieces.readWishes({ ...startup, parameters: startup.parameters.filter(([name, value]) => !/search.path/.test(name + value)) }),
  })
}
