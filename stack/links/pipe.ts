/** One direction of one relayed connection: order, back-pressure, half-close, and the faults of its link. */
import type { Socket } from 'node:net'
import type { Faults } from './faults.ts'

export interface Pipe {
  /** Looks at the faults again. */
  update(): void
  /** Bytes were swallowed: the two ends no longer agree on what was said. */
  readonly torn: boolean
  close(): void
}

/** What waits to go on; null is the end of the stream. */
interface Waiting {
  readonly chunk: Buffer | null
  readonly dueMs: number
}

/** No more than this waits here: the sender is held back. */
const mostWaitingBytes = 1 << 18

/** Moves bytes from one socket to another; `onChunk` sees each chunk as it goes on. */
export function openPipe(from: Socket, to: Socket, faults: Faults, onChunk: (chunk: Buffer) => void): Pipe {
  const queue: Waiting[] = []
  let waitingBytes = 0
  let full = false
  let torn = false
  let timer: NodeJS.Timeout | undefined

  const push = (chunk: Buffer | null) => {
    if (faults.dark) return void (torn = true)
    queue.push({ chunk, dueMs: performance.now() + faults.delayMs })
    waitingBytes += chunk?.length ?? 0
    update()
  }
  const pass = ({ chunk }: Waiting) => {
    if (chunk === null) return void to.end()
    waitingBytes -= chunk.length
    onChunk(chunk)
    full = !to.write(chunk)
  }
  const update = () => {
    clearTimeout(timer)
    while (queue.length > 0 && !full && !faults.held && !faults.dark && !to.destroyed) {
      // A timer may fire a fraction of a millisecond early.
      const leftMs = queue[0]!.dueMs - performance.now()
      if (leftMs > 0.5) {
        timer = setTimeout(update, leftMs)
        break
      }
      pass(queue.shift()!)
    }
    if (full || (faults.held && !faults.dark) || waitingBytes > mostWaitingBytes) from.pause()
    else from.resume()
  }
  from.on('data', push)
  from.once('end', () => push(null))
  to.on('drain', () => {
    full = false
    update()
  })
  update()
  return {
    update,
    get torn() {
      return torn
    },
    close: () => clearTimeout(timer),
  }
}
