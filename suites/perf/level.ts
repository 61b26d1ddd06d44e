/** How high a figure of the system itself is, over rounds, beside whatever else runs in them to be told with it. */
import { answer, Recording, watchMachine, type Arm, type Question } from '../../perf/measure.ts'
import type { MeasuredResult } from '../../perf/result.ts'
import type { EntryId } from '../../spec/generated/ids.ts'
import type { Trial } from '../kit.ts'

type Ways = Pick<Trial<EntryId>, 'stack' | 'profile' | 'seed' | 'signal'>

export interface LevelWish {
  readonly arms: readonly Arm[]
  /** In words. */
  readonly load: string
  readonly looks?: readonly number[]
  readonly warmUpBlocks?: number
}

export type Level = Pick<Question, 'id' | 'metric' | 'unit' | 'budget' | 'figure' | 'subject'>

/** Rounds that several questions share. */
export async function recordLevels(trial: Ways, { arms, load, looks = trial.profile.looks, warmUpBlocks = 1 }: LevelWish) {
  const { stack, profile, seed, signal } = trial
  const machine = await watchMachine()
  const recording = new Recording(arms, seed, warmUpBlocks)
  const conditions = { load, topology: stack.setting.topology, pooler: stack.setting.pooler, profile: profile.name, seed }
  return {
    recording,
    async ask<C extends string>(clause: C, level: Level): Promise<MeasuredResult & { readonly clause: C }> {
      const question = { ...level, clause, comparison: 'level', base: level.subject, control: null, conditions } as const
      return { ...(await answer(recording, question, { looks, machine, signal })), clause }
    },
  }
}
