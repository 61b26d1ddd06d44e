/** The whole procedure on rounds that are made up: looks as planned, stopped when decided; as a measurement does it, without a system. */
import { randomFrom } from '../../../fixtures/random.ts'
import { Pool } from '../pool.ts'
import { bootstrap, type Estimate } from '../statistics.ts'
import { levelOfLook } from '../stopping.ts'

/** Times of two arms, round by round. */
export type Rounds = readonly (readonly [Float64Array, Float64Array])[]

/** Enough for trials by the thousand; a measurement takes more. */
const resamples = 400

export function differenceAt(rounds: Rounds, share: number, level: number): Estimate {
  const [ours, theirs] = [new Pool(rounds.map(([, b]) => b)), new Pool(rounds.map(([a]) => a))]
  const numbers = rounds.map((_, round) => round)
  return bootstrap(numbers, (sample) => ours.quantile(sample, share) - theirs.quantile(sample, share), { level, resamples })
}

/** The interval at the look at which one stops: as soon as it leaves `budget` on one side, or at the last. */
export function untilDecided(rounds: Rounds, looks: readonly number[], share: number, budget: number): Estimate {
  let found: Estimate = { value: Number.NaN, low: -Infinity, high: Infinity }
  for (const count of looks) {
    found = differenceAt(rounds.slice(0, count), share, levelOfLook(looks.length))
    if (found.low > budget || found.high < budget) return found
  }
  return found
}

/** How often something holds in so many trials, each with a chance of its own. */
export function shareOf(trials: number, seed: string, holds: (random: () => number) => boolean): number {
  let held = 0
  for (let n = 0; n < trials; n++) if (holds(randomFrom(`${seed}/${n}`))) held++
  return held / trials
}

/** Rounds drawn from recorded ones, the arms of each exchanged by a coin: equal, whatever was recorded. The second is slower by `shiftMs`. */
export function drawn(recorded: Rounds, count: number, random: () => number, shiftMs = 0): Rounds {
  return Array.from({ length: count }, () => {
    const [a, b] = recorded[Math.floor(random() * recorded.length)]!
    const [first, second] = random() < 0.5 ? [a, b] : [b, a]
    return [first, shiftMs === 0 ? second : second.map((ms) => ms + shiftMs)] as const
  })
}

/** Rounds of a machine that wanders: a level for each round, its own for each block, a long tail, and now and then a stall. */
export function madeUp(count: number, perBlock: number, random: () => number, shiftMs = 0): Rounds {
  return Array.from({ length: count }, () => {
    const level = Math.exp(0.3 * normal(random))
    return [block(perBlock, level, random), block(perBlock, level, random).map((ms) => ms + shiftMs)] as const
  })
}

function block(count: number, level: number, random: () => number): Float64Array {
  const [own, stall] = [level * Math.exp(0.1 * normal(random)), random() < 0.1 ? 2 : 0]
  return Float64Array.from({ length: count }, () => 0.3 * own * Math.exp(0.4 * normal(random)) + (random() < 0.02 ? stall * random() : 0))
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
