/** Simple INSERTs, a row each, into a table without a tenant. */
import { custom } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveThroughput } from './throughput.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

/** Numbers that no block of no arm has twice. */
let next = 0
const statement = custom('insert', () => [`insert into items (item_id, grp) values (${++next}, 'written')`])

spec('THRU-002', async (trial) => {
  const admin = await trial.connect({ direct: 'server' })
  await admin.query('truncate items')
  try {
    await proveThroughput(trial, { id: 'THRU-002', statement, perSecond: 10_000, unit: 'queries/s', share: 0.1 })
  } finally {
    await admin.query('truncate items')
  }
})
