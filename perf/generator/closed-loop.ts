/** Load that asks again when it is answered: what a system can carry at most. Its times say nothing of those who would have come meanwhile. */
import type { Block } from './block.ts'
import { carriersOf, dismiss } from './carrier.ts'
import type { Crowd } from './crowd.ts'
import { wallMs } from './pacer.ts'

const patienceMs = 10_000
const none = new Float64Array(0)

export async function closedLoop(crowd: Crowd, durationMs: number): Promise<Block> {
  const [times, start] = [new Growing(), wallMs()]
  const end = Promise.withResolvers<void>()
  let [sent, errors, lost, trouble] = [0, 0, 0, '']
  let busy = crowd.clients.length
  const stop = () => {
    if (--busy === 0) end.resolve()
  }
  const carriers = carriersOf(
    crowd,
    (_operation, refused, carrier) => {
      const now = wallMs()
      if (refused === '') times.add(now - carrier.since)
      else errors++
      trouble ||= refused
      if (now - start >= durationMs) return stop()
      carrier.since = now
      carrier.carry(sent++)
    },
    () => {
      lost++
      trouble ||= 'a connection was closed'
      stop()
    },
  )
  for (const carrier of carriers) {
    carrier.since = wallMs()
    carrier.carry(sent++)
  }
  const late = setTimeout(end.resolve, durationMs + patienceMs)
  await end.promise
  clearTimeout(late)
  dismiss(crowd)
  const took = { scheduled: sent, sent, dropped: Math.max(lost, sent - times.length - errors), errors, trouble }
  return { times: times.values(), ...took, lateness: none, elapsedMs: wallMs() - start }
}

/** Numbers without a box around each. */
class Growing {
  #values = new Float64Array(4096)
  length = 0

  add(value: number): void {
    if (this.length === this.#values.length) {
      const more = new Float64Array(this.#values.length * 2)
      more.set(this.#values)
      this.#values = more
    }
    this.#values[this.length++] = value
  }

  values(): Float64Array {
    return this.#values.slice(0, this.length)
  }
}
