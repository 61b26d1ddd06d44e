/** One direction of one relayed connection: order, back-pressure, half-close, and the faults of its link. */
import type { Socket } from 'node:net'
import type { Fault, WayFaults } from './faults.ts'

export interface Pipe {
  /** Looks at the faults again. */
  update(): void
  /** Bytes were swallowed: the two ends no longer agree on what was said. */
  readonly torn: boolean
  close(): void
}

export interface PipeWatch {
  /** A chunk has come, and nothing of it has gone on. */
  arrived(chunk: Buffer): void
  /** These bytes go on. */
  passed(bytes: number): void
  /** The bytes of this connection that may pass have passed. */
  spent(): void
}

/** What waits to go on; null is the end of the stream. */
interface Waiting {
  readonly chunk: Buffer | null
  readonly dueMs: number
}

/** No more than this waits here: the sender is held back. */
const mostWaitingBytes = 1 << 18

/** Moves bytes from one socket to another. */
export function openPipe(from: Socket, to: Socket, faults: WayFaults, watch: PipeWatch): Pipe {
  const queue: Waiting[] = []
  /** Bytes passed since each limit began. */
  const used = new Map<Fault, number>()
  let waitingBytes = 0
  let full = false
  let torn = false
  let spent = false
  let timer: NodeJS.Timeout | undefined

  const push = (chunk: Buffer | null) => {
    if (faults.dark) return void (torn = true)
    if (chunk !== null) watch.arrived(chunk)
    queue.push({ chunk, dueMs: performance.now() + faults.delayMs() })
    waitingBytes += chunk?.length ?? 0
    update()
  }
  /** Returns the limit that is reached with these bytes, if any. */
  const use = (bytes: number): boolean => {
    for (const limit of faults.limits) used.set(limit, (used.get(limit) ?? 0) + bytes)
    return faults.limits.some((limit) => (used.get(limit) ?? 0) >= limit.resetAfterBytes!)
  }
  const mostOf = (bytes: number): number => {
    const left = faults.limits.map((limit) => limit.resetAfterBytes! - (used.get(limit) ?? 0))
    return Math.max(0, Math.min(bytes, ...left))
  }
  const pass = ({ chunk, dueMs }: Waiting, allowed: number) => {
    if (chunk === null) return void to.end()
    const most = mostOf(Math.min(chunk.length, allowed))
    if (most < chunk.length) queue.unshift({ chunk: chunk.subarray(most), dueMs })
    waitingBytes -= most
    watch.passed(most)
    faults.passed(most)
    spent = use(most)
    full = !to.write(most === chunk.length ? chunk : chunk.subarray(0, most), () => spent && watch.spent())
  }
  const update = () => {
    clearTimeout(timer)
    while (queue.length > 0 && !full && !spent && !faults.held && !faults.dark && !to.destroyed) {
      const { bytes, waitMs } = faults.allowance()
      // A timer may fire a fraction of a millisecond early.
      const leftMs = Math.max(queue[0]!.dueMs - performance.now(), waitMs)
      if (leftMs > 0.5) {
        timer = setTimeout(update, leftMs)
        break
      }
      pass(queue.shift()!, bytes)
    }
    if (full || spent || (faults.held && !faults.dark) || waitingBytes > mostWaitingBytes) from.pause()
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
      return torn && !faults.dark
    },
    close: () => clearTimeout(timer),
  }
}
