/** A router that cleans up after those who end their transactions, and does otherwise where somebody left in the midst of one. */
import { honestPieces, runRouter, type CleanUp } from '../../reference/router/index.ts'

/** Runs the router's command line; `cleanUp` is for the server connections of the departed. */
export async function runAfterDepartures(argv: readonly string[], cleanUp: CleanUp): Promise<void> {
  let ended = false
  await runRouter([...argv], {
    keepServer(state) {
      const kept = honestPieces.keepServer(state)
      ended = !kept
      return kept
    },
    cleanUp(cleanQuery) {
      const orderly = ended
      ended = false
      return orderly ? honestPieces.cleanUp(cleanQuery) : cleanUp(cleanQuery)
    },
  })
}
