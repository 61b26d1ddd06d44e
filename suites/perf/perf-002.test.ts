/** The gate: what the whole way in adds to a query at p99. */
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('PERF-002', (trial) => proveAddedLatency(trial, { id: 'PERF-002', statement: simple(), ms: 2, shares: { 'in-time': 0.99 } }))
