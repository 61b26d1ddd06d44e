/** A gateway that takes the lengths its upstream announces for true, and dies of those that cannot be. */
import { pieces, run } from '../../reference/gateway/index.ts'

await run(process.argv, {
  async dial(address, signal) {
    const socket = await pieces.dial(address, signal)
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length >= 5) Buffer.alloc(chunk.readInt32BE(1) - 4)
    })
    return socket
  },
})
