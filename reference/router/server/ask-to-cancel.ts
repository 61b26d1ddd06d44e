/** Sends a CancelRequest to a server and waits until the server has acted on it. */
import { encodeStartup } from '../../wire/index.ts'
import { openSocket } from './secure.ts'
import type { ServerTarget } from './target.ts'

/** Settles when the server has closed the connection: from then on the request cannot hit anything that runs later. */
export async function askToCancel(target: ServerTarget, key: { processId: number; secret: Buffer }, deadlineMs: number): Promise<void> {
  const late = new Error(`a cancel request was not taken within ${deadlineMs} ms`)
  const socket = await openSocket(target, (begun) => begun.setTimeout(deadlineMs, () => begun.destroy(late)))
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('data', () => {})
    socket.on('close', () => resolve())
    socket.write(encodeStartup({ kind: 'cancel-request', ...key }))
    socket.resume()
  })
}
