/** A gateway that sets aside 200 KB for each session. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'sets aside 200 KB for each session',
  refutes: { 'MEM-002': ['slope'] },
} satisfies Lie

if (import.meta.main) {
  const room = new Set<Buffer>()
  await run(process.argv, {
    async pump(client, upstream, terms) {
      const own = Buffer.alloc(200_000, 1)
      room.add(own)
      try {
        return await pieces.pump(client, upstream, terms)
      } finally {
        room.delete(own)
      }
    },
  })
}
