/** A router that cannot read its clients any more once one of them has set transaction_read_only. */
import { replaceEvery, runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'cannot read its clients any more once one of them has set transaction_read_only',
  refutes: { 'SEC-127': ['usable'] },
} satisfies Lie

if (import.meta.main) {
  let fallen = false
  await runFronted(process.argv, {
    toServer(chunk) {
      const spoiled = fallen ? replaceEvery(chunk, 'select', 'selekt') : chunk
      fallen ||= chunk.includes('set transaction_read_only')
      return spoiled
    },
  })
}
