/** One direction of one relayed connection: back-pressure, half-close, and the faults of its link. */
import type { Socket } from 'node:net'
import type { Faults } from './faults.ts'

export interface Pipe {
  /** Looks at the faults again. */
  update(): void
}

/** Moves bytes from one socket to another; `onChunk` sees each chunk as it passes. */
export function openPipe(from: Socket, to: Socket, faults: Faults, onChunk: (chunk: Buffer) => void): Pipe {
  let ended = false
  const write = (chunk: Buffer) => {
    if (to.destroyed) return
    onChunk(chunk)
    if (!to.write(chunk)) from.pause()
  }
  const later = (act: () => void) => (faults.delayMs > 0 ? void setTimeout(act, faults.delayMs) : act())
  from.on('data', (chunk: Buffer) => later(() => write(chunk)))
  from.on('end', () => {
    ended = true
    if (!faults.silent) later(() => to.end())
  })
  to.on('drain', () => resume())
  const resume = () => (faults.silent ? from.pause() : from.resume())
  resume()
  return {
    update() {
      resume()
      if (ended && !faults.silent && !to.writableEnded) to.end()
    },
  }
}
