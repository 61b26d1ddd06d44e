/** BEGIN, one statement, COMMIT. */
import { transaction } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveThroughput } from './throughput.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

spec('THRU-003', async (trial) => {
  await proveThroughput(trial, { id: 'THRU-003', statement: transaction(), perSecond: 5_000, unit: 'transactions/s', share: 0.1 })
})
