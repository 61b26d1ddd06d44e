/** Simple reads, as many as the whole way in carries. */
import { expect } from 'vitest'
import { Undecided } from '../../perf/measure.ts'
import { prepared } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { proveThroughput } from './throughput.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)
const heldSeconds = 60

spec('PERF-003', async (trial) => {
  const demand = { id: 'PERF-003', statement: prepared(), perSecond: 50_000, unit: 'queries/s', share: 0.1 } as const
  const blocks = await proveThroughput(trial, demand)
  await trial.prove('no-errors', () => {
    const failed = blocks.reduce((sum, { errors, dropped }) => sum + errors + dropped, 0)
    expect(failed, blocks.find(({ trouble }) => trouble !== '')?.trouble).toBe(0)
    const seconds = blocks.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / 1000
    if (seconds < heldSeconds)
      throw new Undecided(
        'inconclusive',
        `no errors in ${seconds.toFixed(0)} s of load: ${heldSeconds} s are asked for, which --profile full holds`,
      )
  })
})
