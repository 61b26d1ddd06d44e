/** A gateway that takes nobody in before the one in front of him has said who he is. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes nobody in before the one in front has said who he is',
  refutes: { 'SEC-144': ['stalled'] },
} satisfies Lie

if (import.meta.main) {
  let front: Promise<void> = Promise.resolve()
  await run(process.argv, {
    async arrive(socket, door, attempt) {
      const [before, settled] = [front, Promise.withResolvers<void>()]
      front = settled.promise
      socket.once('close', settled.resolve)
      await before
      const guest = await pieces.arrive(socket, door, attempt)
      return guest && { ...guest, welcome: () => (settled.resolve(), guest.welcome()) }
    },
  })
}
