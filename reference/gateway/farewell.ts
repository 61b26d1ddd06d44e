/** Says the last word to a client in such a way that it can read it. */
import type { Duplex } from 'node:stream'

const patienceMs = 2000
const patienceBytes = 1_048_576

/**
 * Sends the message and ends the stream. What the client still sends is read and thrown away for a moment: closing on unread bytes would
 * reset the connection, and the message would be lost with it.
 */
export async function sayFarewell(stream: Duplex, message: Buffer): Promise<void> {
  if (stream.destroyed) return
  const impatience = Promise.withResolvers<void>()
  const timer = setTimeout(impatience.resolve, patienceMs)
  const said = happens(stream, 'finish', false)
  const heard = happens(stream, 'end', stream.readableEnded)
  swallow(stream, impatience.resolve)
  stream.end(message)
  await Promise.race([Promise.all([said, heard]), happens(stream, 'close', false), impatience.promise])
  clearTimeout(timer)
}

function happens(stream: Duplex, event: string, already: boolean): Promise<void> {
  if (already) return Promise.resolve()
  return new Promise((resolve) => stream.once(event, () => resolve()))
}

function swallow(stream: Duplex, tooMuch: () => void): void {
  let bytes = 0
  stream.removeAllListeners('data')
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > patienceBytes) tooMuch()
  })
  stream.resume()
}
