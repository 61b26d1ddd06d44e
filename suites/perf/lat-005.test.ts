/** A statement whose shard is found by its key, beside the same one straight at that shard. */
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { plantRows } from './data-set.ts'
import { measuredTopology } from './ways.ts'

const spec = wish({ ...measuredTopology, shards: 2 })

spec('LAT-005', async (trial) => {
  await using rows = await plantRows(trial)
  const statement = { ...simple(`select amount from items where item_id = ${rows.keys[0]}`), name: 'by key' }
  await proveAddedLatency(trial, { id: 'LAT-005', statement, ms: 2, shares: { typical: 0.5, 'in-time': 0.99 } })
})
