/** A router that calls a server it cannot reach an internal error of its own. */
import { replaceEvery, runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'calls a server it cannot reach an internal error of its own',
  refutes: { 'CONN-006': ['error'] },
} satisfies Lie

if (import.meta.main) {
  await runFronted(process.argv, {
    toClient: (chunk) =>
      ['C08006\0', 'C08001\0', 'C57P03\0', 'C53300\0'].reduce((left, code) => replaceEvery(left, code, 'CXX000\0'), chunk),
  })
}
