/** A router that believes what a pattern finds in a client's bytes: the shard that one of its groups names. */
import { runFronted } from './fronted.ts'

/** Runs it until SIGTERM; where nothing is found, it routes as it should. */
export async function runHinted(argv: readonly string[], hint: RegExp): Promise<void> {
  let told: number | null = null
  await runFronted(argv, {
    toServer(chunk) {
      const found = hint.exec(chunk.toString('latin1'))
      told = found === null ? null : Number(found[1] ?? found[2])
      return chunk
    },
    pieces: { chooseShards: (shards) => (told === null ? shards : [told]) },
  })
}
