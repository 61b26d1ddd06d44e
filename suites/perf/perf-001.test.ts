/** How long it takes from the first packet to ReadyForQuery, with TLS and a token, one after the other. */
import { comeAndGo } from '../../perf/generator/come-and-go.ts'
import { wish } from '../kit.ts'
import { recordLevels } from './level.ts'
import { directWay, doorWay, measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

/** Two blocks of each round: more than a thousand in the shortest profile. */
const perBlock = 40

spec('PERF-001', async (trial) => {
  const { stack, mint, conclude } = trial
  const [door, direct] = [doorWay(stack, await mint()), directWay(stack)]
  const arms = [
    { name: 'system', block: () => comeAndGo(door, perBlock) },
    { name: 'direct', block: () => comeAndGo(direct, perBlock) },
  ]
  const { ask } = await recordLevels(trial, {
    arms,
    load: `${perBlock} logins one after the other in a block, with TLS and a token; direct: SCRAM without TLS`,
  })
  await conclude(
    await ask('in-time', {
      id: 'PERF-001',
      metric: 'connection_establishment_p99',
      unit: 'ms',
      budget: { op: '<', value: 50, unit: 'ms', percentile: 99 },
      figure: { kind: 'quantile', share: 0.99 },
      subject: 'system',
    }),
  )
})
