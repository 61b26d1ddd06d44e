/** A gateway that lets a client in when the one before has left. */
import { once } from 'node:events'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets a client in when the one before has left',
  refutes: { 'SEC-131': ['served'] },
} satisfies Lie

let last: Promise<unknown> = Promise.resolve()

if (import.meta.main) {
  await run(process.argv, {
    async arrive(socket, door, attempt) {
      const before = last
      last = before.then(() => (socket.closed ? undefined : once(socket, 'close').catch(() => {})))
      await before
      return pieces.arrive(socket, door, attempt)
    },
  })
}
