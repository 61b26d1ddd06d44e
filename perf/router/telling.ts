/** Says in lines what the rounds showed. */
import type { Estimate } from '../measure/statistics.ts'
import type { Arm } from './estate.ts'
import { addedBy, addedRatio, levelOf, ratioOf, type Round } from './rounds.ts'

/** The router may add so many times what PgDog adds. */
export const aim = 3

const number = (value: number) => value.toFixed(Math.abs(value) < 10 ? 2 : 1)
const within = ({ value, low, high }: Estimate, unit = '') => `${number(value)}${unit} [${number(low)}, ${number(high)}]`

/** One line for each arm: how long an operation takes, beside the first arm. */
export function linesOf(arms: readonly Arm[], rounds: readonly Round[]): readonly string[] {
  return arms.map(({ name }, at) => {
    const { ms, cpu } = levelOf(rounds, at)
    const beside = at === 0 ? '' : `  × ${within(ratioOf(rounds, at, 0))}  adds ${within(addedBy(rounds, at, 0), ' ms')}`
    return `  ${name.padEnd(10)} ${number(ms).padStart(7)} ms${beside}${cpu > 0 ? `  processor ${number(cpu)} ms` : ''}`
  })
}

export interface Aim {
  readonly text: string
  readonly reached: boolean | null
}

/** Null where one of the two is not here. */
export function aimOf(arms: readonly Arm[], rounds: readonly Round[]): Aim | null {
  const [router, pgdog] = ['router', 'PgDog'].map((name) => arms.findIndex((arm) => arm.name === name)) as [number, number]
  if (router < 0 || pgdog < 0) return null
  const ratio = addedRatio(rounds, router, pgdog, 0)
  const said = `the router adds ${within(ratio)} times what PgDog adds`
  if (addedBy(rounds, pgdog, 0).low <= 0) return { text: `${said}: what PgDog adds is too little to be told here`, reached: null }
  if (ratio.high <= aim) return { text: `${said}: within ${aim} ×`, reached: true }
  return ratio.low > aim
    ? { text: `${said}: NOT within ${aim} ×`, reached: false }
    : { text: `${said}: more rounds would decide about ${aim} ×`, reached: null }
}
