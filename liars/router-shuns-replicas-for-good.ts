/** A router that never again reads from a replica that was once not well. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'never reads again from a replica that was once not well',
  refutes: { 'CHAOS-002': ['used-again'] },
} satisfies Lie

if (import.meta.main) {
  const [trusted, shunned] = [new Set<number>(), new Set<number>()]
  await runRouter(process.argv, {
    chooseServer(wish, choice) {
      for (const server of choice.servers) {
        const { well } = choice.healthOf(server)
        if (well) trusted.add(server.port)
        else if (trusted.has(server.port)) shunned.add(server.port)
      }
      const servers = choice.servers.filter(({ role, port }) => role === 'primary' || !shunned.has(port))
      return honestPieces.chooseServer(wish, { ...choice, servers })
    },
  })
}
