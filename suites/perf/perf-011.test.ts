/** The stricter bound on the same rounds. */
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveAddedLatency } from './added-latency.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('PERF-011', (trial) => proveAddedLatency(trial, { id: 'PERF-011', statement: simple(), ms: 1, shares: { 'in-time': 0.99 } }))
