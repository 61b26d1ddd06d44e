/** Ends a socket by a reset. */
import type { Socket } from 'node:net'

/**
 * A socket whose goodbye is just on its way cannot be reset: Node would forget its handle without closing it, tell nobody, and spin for ever
 * at the end of the process. It is closed plainly, and so is one that is not connected yet.
 */
export function sever(socket: Socket): void {
  if (socket.destroyed) return
  const sayingGoodbye = socket.writableEnded && !socket.writableFinished
  if (sayingGoodbye || socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}
