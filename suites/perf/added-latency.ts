/** What the whole way in adds to a statement, beside Postgres itself in the same rounds. */
import type { Statement } from '../../perf/generator/statements.ts'
import type { MeasuredResult } from '../../perf/result.ts'
import type { EntryId } from '../../spec/generated/ids.ts'
import type { Trial } from '../kit.ts'
import { besidePostgres } from './beside.ts'

type Ways<C extends string> = Pick<Trial<EntryId>, 'stack' | 'mint' | 'profile' | 'seed' | 'signal'> & {
  conclude(result: MeasuredResult & { readonly clause: C }): Promise<boolean>
}

export interface Demand<C extends string> {
  readonly id: EntryId
  readonly statement: Statement
  readonly shard?: number
  /** Less than so much is added. */
  readonly ms: number
  /** Clause → the share of times at which it is told. */
  readonly shares: Readonly<Record<C, number>>
}

export async function proveAddedLatency<C extends string>(trial: Ways<C>, demand: Demand<C>): Promise<void> {
  const { id, statement, shard = 0, ms } = demand
  const beside = await besidePostgres(trial, { statement, shard, connections: 8, kind: 'open' })
  try {
    for (const [clause, share] of Object.entries(demand.shares) as [C, number][]) {
      const percentile = share * 100
      const result = await beside.ask({
        id,
        clause,
        metric: `added_latency_p${percentile}`,
        unit: 'ms',
        budget: { op: '<', value: ms, unit: 'ms', percentile },
        comparison: 'difference',
        figure: { kind: 'quantile', share },
      })
      await trial.conclude({ ...result, clause })
    }
  } finally {
    await beside.rest()
  }
}
