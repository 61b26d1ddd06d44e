/** Sends a CancelRequest to a server and waits until the server has acted on it. */
import { connect } from 'node:net'
import { encodeStartup } from '../../wire/index.ts'
import type { ServerTarget } from './target.ts'

/** Settles when the server has closed the connection: from then on the request cannot hit anything that runs later. */
export function askToCancel(target: ServerTarget, key: { processId: number; secret: Buffer }, deadlineMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true })
    socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`a cancel request was not taken within ${deadlineMs} ms`)))
    socket.on('connect', () => socket.write(encodeStartup({ kind: 'cancel-request', ...key })))
    socket.on('error', reject)
    socket.on('data', () => {})
    socket.on('close', () => resolve())
  })
}
