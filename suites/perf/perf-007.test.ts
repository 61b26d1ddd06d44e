/** Queries that all shards answer, over a stated number of rows: an aggregate and a sorted list. */
import { simple, type Statement } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { plantRows, rowCount } from './data-set.ts'
import { recordLevels } from './level.ts'
import { doorWay, measuredTopology, openLane } from './ways.ts'

const spec = wish({ ...measuredTopology, shards: 2 })
/** More than a thousand of each in the shortest profile. */
const perSecond = 150

const queries: Readonly<Record<'aggregate' | 'sorted', Statement>> = {
  aggregate: simple('select count(*), sum(amount), max(price) from items'),
  sorted: simple('select item_id, amount from items order by amount desc, item_id limit 50'),
}

spec('PERF-007', async (trial) => {
  const { stack, mint, conclude, profile } = trial
  await using _rows = await plantRows(trial)
  const door = doorWay(stack, await mint({ ttlSeconds: 7200 }))
  const pace = { connections: 8, perSecond, blockMs: profile.blockMs }
  const lanes = Object.entries(queries).map(([name, statement]) => openLane(name, door, statement, pace))
  const load = `${perSecond} per second as they come, 8 connections, ${rowCount} rows on ${stack.topology.shards} shards, in memory`
  try {
    const { ask } = await recordLevels(trial, { arms: lanes, load, warmUpBlocks: 2 })
    for (const subject of Object.keys(queries))
      await conclude(
        await ask('in-time', {
          id: 'PERF-007',
          metric: `cross_shard_${subject}_p99`,
          unit: 'ms',
          budget: { op: '<', value: 100, unit: 'ms', percentile: 99 },
          figure: { kind: 'quantile', share: 0.99 },
          subject,
        }),
      )
  } finally {
    await Promise.all(lanes.map((lane) => lane.rest()))
  }
})
