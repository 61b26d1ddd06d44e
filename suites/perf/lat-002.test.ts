/** A statement that is parsed each time, its value bound apart. */
import { parameterised } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('LAT-002', (trial) =>
  proveAddedLatency(trial, { id: 'LAT-002', statement: parameterised(), ms: 1, shares: { typical: 0.5, 'in-time': 0.99 } }),
)
