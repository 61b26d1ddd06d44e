/** Rounds of two equal arms, recorded: what a machine of two cores makes differ where nothing does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'

export interface EqualArms {
  readonly conditions: string
  /** Round → times of each arm, ms. */
  readonly rounds: readonly (readonly [Float64Array, Float64Array])[]
}

interface Packed {
  readonly conditions: string
  readonly rounds: readonly (readonly [string, string])[]
}

export function readEqualArms(file = join(import.meta.dirname, 'equal-arms.json')): EqualArms {
  const { conditions, rounds } = JSON.parse(readFileSync(file, 'utf8')) as Packed
  return { conditions, rounds: rounds.map(([a, b]) => [unpack(a), unpack(b)]) }
}

export function packed({ conditions, rounds }: EqualArms): Packed {
  return { conditions, rounds: rounds.map(([a, b]) => [pack(a), pack(b)]) }
}

/** Sorted, in µs, each as the distance to the one before: most fit into a byte. */
function pack(times: Float64Array): string {
  const sorted = Array.from(times, (ms) => Math.round(ms * 1000)).toSorted((a, b) => a - b)
  const bytes: number[] = []
  for (const [n, us] of sorted.entries()) {
    let rest = us - (sorted[n - 1] ?? 0)
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
    bytes.push(rest)
  }
  return deflateSync(Buffer.from(bytes), { level: 9 }).toString('base64')
}

function unpack(text: string): Float64Array {
  const [times, bytes] = [[] as number[], inflateSync(Buffer.from(text, 'base64'))]
  let [us, part, weight] = [0, 0, 1]
  for (const byte of bytes) {
    part += (byte % 128) * weight
    weight *= 128
    if (byte > 127) continue
    us += part
    times.push(us / 1000)
    part = 0
    weight = 1
  }
  return Float64Array.from(times)
}
