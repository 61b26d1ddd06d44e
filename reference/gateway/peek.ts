/** Looks at the first byte of a connection and leaves it there. */
import type { Socket } from 'node:net'

/** Null when the connection ends without one. The socket is paused before and after. */
export function peekByte(socket: Socket): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>()
  const look = (chunk: Buffer) => {
    socket.pause()
    settle(chunk[0] ?? null)
    socket.unshift(chunk)
  }
  const gone = () => settle(null)
  const settle = (first: number | null) => {
    socket.off('data', look).off('end', gone).off('close', gone)
    resolve(first)
  }
  socket.on('data', look).on('end', gone).on('close', gone).resume()
  return promise
}
