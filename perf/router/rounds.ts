/** All arms in one run, there and back again (A B C C B A), so that what changes slowly on the machine falls on all of them alike. */
import { bootstrap, type Estimate } from '../measure/statistics.ts'
import type { Arm } from './estate.ts'
import type { Block, Load } from './loads.ts'

/** What every arm did at about the same time, in the order of the arms. */
export type Round = readonly Block[]

export async function rounds(
  arms: readonly Arm[],
  open: (arm: Arm) => Promise<Load>,
  count: number,
  blockMs: number,
): Promise<readonly Round[]> {
  await using scope = new AsyncDisposableStack()
  const loads: Load[] = []
  for (const arm of arms) loads.push(scope.use(await open(arm)))
  // What is compiled and cached on the way is not what is measured.
  for (const load of loads) await load.run(blockMs)
  const done: Round[] = []
  for (let round = 0; round < count; round++) {
    const there: Block[] = []
    for (const load of loads) there.push(await load.run(blockMs))
    const back: Block[] = []
    for (const load of loads.toReversed()) back.unshift(await load.run(blockMs))
    done.push(there, back)
  }
  return done
}

const mean = (rounds: readonly Round[], arm: number): number => rounds.reduce((sum, round) => sum + round[arm]!.ms, 0) / rounds.length

/** How many times as long an operation takes as by another arm. */
export const ratioOf = (rounds: readonly Round[], arm: number, beside: number): Estimate =>
  bootstrap(rounds, (sample) => mean(sample, arm) / mean(sample, beside))

/** What an arm adds to `bare`, ms. */
export const addedBy = (rounds: readonly Round[], arm: number, bare: number): Estimate =>
  bootstrap(rounds, (sample) => mean(sample, arm) - mean(sample, bare))

/** How many times as much one arm adds as another. */
export const addedRatio = (rounds: readonly Round[], arm: number, beside: number, bare: number): Estimate =>
  bootstrap(rounds, (sample) => (mean(sample, arm) - mean(sample, bare)) / (mean(sample, beside) - mean(sample, bare)))

/** ms of one operation, and processor time of the pooler for it. */
export const levelOf = (rounds: readonly Round[], arm: number): { readonly ms: number; readonly cpu: number } => ({
  ms: mean(rounds, arm),
  cpu: rounds.reduce((sum, round) => sum + round[arm]!.cpu, 0) / rounds.length,
})
