/** Simple SELECTs, told on the rounds of PERF-003. */
import { prepared } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveThroughput } from './throughput.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('THRU-001', async (trial) => {
  await proveThroughput(trial, { id: 'THRU-001', statement: prepared(), perSecond: 50_000, unit: 'queries/s', share: 0.1 })
})
