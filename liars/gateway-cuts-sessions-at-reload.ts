/** A gateway that cuts off open sessions when it reads its configuration anew. */
import type { Socket } from 'node:net'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'cuts off open sessions when it reads its configuration anew',
  refutes: { 'TLS-007': ['open-sessions'] },
} satisfies Lie

if (import.meta.main) {
  const sockets = new Set<Socket>()
  process.on('SIGHUP', () => sockets.forEach((socket) => socket.destroy()))
  await run(process.argv, {
    arrive(socket, door, attempt) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return pieces.arrive(socket, door, attempt)
    },
  })
}
