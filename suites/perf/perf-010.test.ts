/** A checkout from a warm pool cannot take longer than what the whole way in adds: told on the rounds of PERF-002. */
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('PERF-010', (trial) => proveAddedLatency(trial, { id: 'PERF-010', statement: simple(), ms: 10, shares: { 'in-time': 0.99 } }))
