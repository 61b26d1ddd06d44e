/** The strictest bound on a simple SELECT, for a typical one and at p99. */
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('LAT-001', (trial) =>
  proveAddedLatency(trial, { id: 'LAT-001', statement: simple(), ms: 0.5, shares: { typical: 0.5, 'in-time': 0.99 } }),
)
