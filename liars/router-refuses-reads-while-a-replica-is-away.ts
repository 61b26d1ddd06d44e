/** A router that answers no read while one of the replicas is not well. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import { Refused } from '../reference/router/refused.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'answers no read while one of the replicas is away',
  refutes: { 'CHAOS-002': ['moved', 'bounded'] },
} satisfies Lie

if (import.meta.main) {
  await runRouter(process.argv, {
    chooseServer(wish, choice) {
      if (wish === 'read' && choice.servers.some((server) => server.role === 'replica' && !choice.healthOf(server).well))
        throw new Refused('ERROR', '08006', 'a replica is away')
      return honestPieces.chooseServer(wish, choice)
    },
  })
}
