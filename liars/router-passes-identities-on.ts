/** A router that gives a server connection the parameters of its first client, and leaves it at that. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'gives a server connection the parameters of its first client, and leaves it at that',
  refutes: { 'SEC-125': ['own'], 'SEC-126': ['identity', 'declared'] },
} satisfies Lie

if (import.meta.main) {
  let given = false
  const replay: typeof honestPieces.replay = (parameters) => {
    if (given) return null
    given = true
    return honestPieces.replay(parameters)
  }
  await runRouter(process.argv, { cleanUp: () => ['SELECT 1'], replay })
}
