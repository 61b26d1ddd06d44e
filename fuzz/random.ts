/** A generator of choices that a seed repeats exactly. */
import { randomFrom as numbersFrom } from '../fixtures/random.ts'

export interface Random {
  /** A whole number from 0 to below `bound`. */
  int(bound: number): number
  pick<T>(list: readonly T[]): T
  chance(share: number): boolean
  bytes(count: number): Buffer
}

export function randomFrom(seed: string): Random {
  const next = numbersFrom(seed)
  const int = (bound: number) => Math.floor(next() * bound)
  return {
    int,
    pick: (list) => list[int(list.length)]!,
    chance: (share) => next() < share,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => int(256))),
  }
}
