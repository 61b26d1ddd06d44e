/** A router that sends a statement to the shard that any comment in it speaks of. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'sends a statement to the shard that any comment in it speaks of',
  refutes: { 'SQLI-003': ['strict'] },
} satisfies Lie

const hint = /(?:\/\*|--)[^'$]*?shard: ?([012])[^$]*?(?:\*\/|\n)/

if (import.meta.main) {
  let told: number | null = null
  await runFronted(process.argv, {
    toServer(chunk) {
      const found = hint.exec(chunk.toString('latin1'))
      told = found === null ? null : Number(found[1] ?? found[2])
      return chunk
    },
    pieces: { chooseShards: (shards) => (told === null ? shards : [told]) },
  })
}
