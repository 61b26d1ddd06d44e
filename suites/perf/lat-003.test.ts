/** BEGIN, one statement, COMMIT: three round trips in all. */
import { transaction } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('LAT-003', (trial) =>
  proveAddedLatency(trial, { id: 'LAT-003', statement: transaction(), ms: 2, shares: { typical: 0.5, 'in-time': 0.99 } }),
)
