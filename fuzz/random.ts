/** A generator of choices that a seed repeats exactly. */
import { createHash } from 'node:crypto'

export interface Random {
  /** A whole number from 0 to below `bound`. */
  int(bound: number): number
  pick<T>(list: readonly T[]): T
  chance(share: number): boolean
  bytes(count: number): Buffer
}

export function randomFrom(seed: string): Random {
  const state = createHash('sha256').update(seed).digest()
  let [x, y, z, w] = [state.readUInt32LE(0) | 1, state.readUInt32LE(4), state.readUInt32LE(8), state.readUInt32LE(12)]
  const next = (): number => {
    const t = x ^ (x << 11)
    ;[x, y, z] = [y, z, w]
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0
    return w / 0x1_0000_0000
  }
  const int = (bound: number) => Math.floor(next() * bound)
  return {
    int,
    pick: (list) => list[int(list.length)]!,
    chance: (share) => next() < share,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => int(256))),
  }
}
