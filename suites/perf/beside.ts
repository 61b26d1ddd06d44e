/** The system beside Postgres itself, in the same rounds, with Postgres once more as the control; entries that ask the same of it share the rounds. */
import { answer, Recording, watchMachine, type Question } from '../../perf/measure.ts'
import type { Statement } from '../../perf/generator/statements.ts'
import type { MeasuredResult } from '../../perf/result.ts'
import type { EntryId } from '../../spec/generated/ids.ts'
import type { MachineFigures } from '../../perf/result.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'
import { closedLane, directWay, doorWay, openLane, type Lane } from './ways.ts'

export const arms = { system: 'system', direct: 'direct', control: 'direct again' } as const

export interface Beside {
  /** Told for this entry; further rounds are made where the profile allows and nothing is decided yet. */
  ask(question: Pick<Question, 'id' | 'clause' | 'metric' | 'unit' | 'budget' | 'comparison' | 'figure'>): Promise<MeasuredResult>
  readonly recording: Recording
  ratesOf(arm: string): readonly number[]
  /** Connections are closed; the rounds are kept. */
  rest(): Promise<void>
}

interface Kept {
  readonly recording: Recording
  readonly lanes: readonly Lane[]
  readonly machine: () => MachineFigures
}

export interface Load {
  readonly statement: Statement
  readonly connections: number
  readonly kind: 'open' | 'closed'
  /** Where the statement's row lies. */
  readonly shard?: number
  readonly looks?: readonly number[]
  readonly blockMs?: number
}

type Ways = Pick<Trial<EntryId>, 'stack' | 'mint' | 'profile' | 'seed' | 'signal'>

const kept = new WeakMap<Stack, Map<string, Promise<Kept>>>()

export async function besidePostgres(trial: Ways, load: Load): Promise<Beside> {
  const { stack, profile, seed, signal } = trial
  const known = kept.get(stack) ?? new Map<string, Promise<Kept>>()
  kept.set(stack, known)
  const name = `${load.kind} ${load.statement.name} ${load.connections}`
  const opening = known.get(name) ?? open(trial, load)
  known.set(name, opening)
  const { recording, lanes, machine } = await opening
  const blockMs = load.blockMs ?? profile.blockMs
  const pace = load.kind === 'open' ? `${profile.perSecond} per second as they come` : 'each asking again when it is answered'
  return {
    recording,
    ratesOf: (arm) => recording.ratesOf(arm),
    ask: (question) =>
      answer(
        recording,
        {
          ...question,
          subject: arms.system,
          base: arms.direct,
          control: arms.control,
          conditions: {
            load: `${load.statement.name}, ${pace}, ${load.connections} connections, blocks of ${blockMs} ms`,
            topology: stack.setting.topology,
            pooler: stack.setting.pooler,
            profile: profile.name,
            seed,
          },
        },
        { looks: load.looks ?? profile.looks, machine, signal },
      ),
    async rest() {
      await Promise.all(lanes.map((lane) => lane.rest()))
    },
  }
}

async function open({ stack, mint, profile, seed }: Ways, load: Load): Promise<Kept> {
  const { statement, connections, kind, shard, blockMs = profile.blockMs } = load
  const pace = { connections, blockMs, perSecond: profile.perSecond }
  const make = kind === 'open' ? openLane : closedLane
  const direct = directWay(stack, shard)
  const lanes = [
    make(arms.direct, direct, statement, pace),
    make(arms.system, doorWay(stack, await mint({ ttlSeconds: 6 * 3600 })), statement, pace),
    make(arms.control, direct, statement, pace),
  ]
  return { lanes, machine: await watchMachine(), recording: new Recording(lanes, seed, profile.warmUpBlocks) }
}
