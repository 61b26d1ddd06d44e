/** A router that takes rows and writes none. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes rows and writes none',
  refutes: { 'SHARD-006': ['listed'], 'SHARD-101': ['found'] },
} satisfies Lie

if (import.meta.main) {
  const types = ['int2', 'int4', 'int8', 'text', 'uuid']
  await runRewritten(
    process.argv,
    types.map((type) => [`insert into keys_${type} (key, note) values ($1, 'vector')`, `select key from keys_${type} where key = $1`]),
  )
}
