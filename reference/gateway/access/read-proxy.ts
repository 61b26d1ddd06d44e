/** Reads a proxy's header off a connection, and leaves what comes behind it there. */
import type { Socket } from 'node:net'
import { readProxyHeader, type ProxyHeader } from './proxy-header.ts'

/** Null when the connection ends before anything came. Rejects with a ProxyFault. The socket is paused before and after. */
export function takeProxyHeader(socket: Socket): Promise<ProxyHeader | null> {
  const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader | null>()
  let received = Buffer.alloc(0)
  const take = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    try {
      const header = readProxyHeader(received)
      if (header !== null) finish(() => resolve(header), received.subarray(header.bytes))
    } catch (cause) {
      finish(() => reject(cause as Error), received)
    }
  }
  const gone = () => finish(() => resolve(null), Buffer.alloc(0))
  const finish = (settle: () => void, rest: Buffer) => {
    socket.off('data', take).off('end', gone).off('close', gone).pause()
    if (rest.length > 0) socket.unshift(rest)
    settle()
  }
  socket.on('data', take).on('end', gone).on('close', gone).resume()
  return promise
}
