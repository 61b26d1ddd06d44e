/** A router that writes to the server it first took for the primary, for ever. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes the first primary for the primary for ever',
  refutes: { 'CHAOS-001': ['writes'] },
} satisfies Lie

if (import.meta.main) {
  let first: number | undefined
  await runRouter(process.argv, {
    chooseServer(wish, choice) {
      const chosen = honestPieces.chooseServer(wish, choice)
      if (wish === 'read') return chosen
      first ??= chosen.port
      return choice.servers.find(({ port }) => port === first) ?? chosen
    },
  })
}
