/** When strangers come: gaps drawn from the exponential distribution, so that nobody waits for anybody, and the same seed brings the same day. */
import { randomFrom } from '../../fixtures/random.ts'

/** Offsets in ms from the start, ascending, all below `durationMs`. */
export function arrivals(seed: string, perSecond: number, durationMs: number): Float64Array {
  const random = randomFrom(seed)
  const due: number[] = []
  for (let at = gap(random, perSecond); at < durationMs; at += gap(random, perSecond)) due.push(at)
  return Float64Array.from(due)
}

function gap(random: () => number, perSecond: number): number {
  return (-Math.log(1 - random()) * 1000) / perSecond
}
