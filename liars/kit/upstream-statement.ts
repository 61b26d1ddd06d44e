/** Runs a statement on a session of a lying gateway before its client has it. */
import type { Duplex } from 'node:stream'

const query = 'Q'.charCodeAt(0)
const ready = 'Z'.charCodeAt(0)

/** Sends one simple query and swallows the answer, whatever it is, up to ReadyForQuery. */
export function runFirst(upstream: Duplex, sql: string): Promise<void> {
  const text = Buffer.from(`${sql}\0`)
  const head = Buffer.alloc(5)
  head[0] = query
  head.writeInt32BE(text.length + 4, 1)
  const { promise, resolve } = Promise.withResolvers<void>()
  let answer = Buffer.alloc(0)
  const read = (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk])
    while (answer.length >= 5 && answer.length > answer.readInt32BE(1)) {
      const type = answer[0]
      answer = answer.subarray(answer.readInt32BE(1) + 1)
      if (type === ready) {
        upstream.off('data', read).pause()
        return resolve()
      }
    }
  }
  upstream.on('data', read).resume()
  upstream.once('close', () => resolve())
  upstream.write(Buffer.concat([head, text]))
  return promise
}
