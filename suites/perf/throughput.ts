/** How much the whole way in carries, beside what Postgres itself carries in the same rounds. */
import type { Statement } from '../../perf/generator/statements.ts'
import type { Block } from '../../perf/generator/block.ts'
import type { Judgement, MeasuredResult } from '../../perf/result.ts'
import type { EntryId } from '../../spec/generated/ids.ts'
import type { Trial } from '../kit.ts'
import { arms, besidePostgres, type Load } from './beside.ts'

type Ways = Pick<Trial<EntryId>, 'stack' | 'mint' | 'profile' | 'seed' | 'signal'> & {
  conclude(result: MeasuredResult & { readonly clause: 'rate' | 'share' }): Promise<boolean>
}

export interface ThroughputDemand {
  readonly id: EntryId
  readonly statement: Statement
  readonly perSecond: number
  readonly unit: string
  /** More than this share of what Postgres itself carries. */
  readonly share: number
}

const plans = {
  quick: { looks: [5], blockMs: 400 },
  gate: { looks: [10, 20, 30], blockMs: 1000 },
  full: { looks: [30, 60], blockMs: 1000 },
} as const

const loadOf = (statement: Statement, profile: keyof typeof plans): Load => ({
  statement,
  connections: 32,
  kind: 'closed',
  ...plans[profile],
})

/** Judges the share and the absolute figure; returns what the system did meanwhile. */
export async function proveThroughput(trial: Ways, demand: ThroughputDemand): Promise<readonly Block[]> {
  const { id, statement, perSecond, unit, share } = demand
  const beside = await besidePostgres(trial, loadOf(statement, trial.profile.name))
  try {
    const figure = { kind: 'rate' } as const
    const ratio = { op: '>', value: share, unit: 'of direct', percentile: null } as const
    await trial.conclude({
      ...(await beside.ask({
        id,
        clause: 'share',
        metric: 'throughput_share',
        unit: 'of direct',
        budget: ratio,
        comparison: 'ratio',
        figure,
      })),
      clause: 'share',
    })
    const budget = { op: '>', value: perSecond, unit, percentile: null } as const
    const result = await beside.ask({ id, clause: 'rate', metric: 'throughput', unit, budget, comparison: 'level', figure })
    await trial.conclude({ ...result, clause: 'rate', verdict: onThisMachine(result, beside.ratesOf(arms.direct), perSecond) })
    return beside.recording.blocksOf(arms.system)
  } finally {
    await beside.rest()
  }
}

/** Fewer do not leave the load, the gateway, the pooler and Postgres cores of their own (TGT-05: judged on an unrestricted machine). */
const unrestrictedCores = 8

/** Where Postgres alone does not carry so much, or where all share a few cores, the figure is not the system's to answer for. */
function onThisMachine({ verdict, conditions }: MeasuredResult, direct: readonly number[], wanted: number): Judgement {
  const most = Math.max(...direct)
  const { cores } = conditions.machine
  if (verdict.verdict === 'proved' || (most >= wanted && cores >= unrestrictedCores)) return verdict
  const why = `load, gateway, pooler and Postgres share ${cores} cores, on which Postgres alone carries ${most.toFixed(0)} per second; ${verdict.why}`
  return { verdict: 'unknown', reason: 'machine-too-small', why, roundsToDecide: null }
}
