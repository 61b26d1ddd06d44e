/** Load rises at once: each of ten statements needs a server connection of its own, and the pool has nearly none. */
import { openCrowd } from '../../perf/generator/crowd.ts'
import type { Block } from '../../perf/generator/block.ts'
import { wallMs } from '../../perf/generator/pacer.ts'
import { simple } from '../../perf/generator/statements.ts'
import type { GeneratorClient } from '../../perf/generator/client.ts'
import { wish } from '../kit.ts'
import { recordLevels } from './level.ts'
import { shrunken } from './shrunken.ts'
import { doorWay, measuredTopology } from './ways.ts'

const poolSize = 10
const spec = wish({ ...measuredTopology, pooler: { poolSize, idleTimeoutMs: 500 } })

/** So long each keeps its connection: nobody gets one that another has done with. */
const heldMs = 400
const rounds = { quick: [5], gate: [15], full: [30] } as const

spec('PERF-012', async (trial) => {
  const { stack, mint, conclude, connect, profile, signal } = trial
  const admin = await connect({ direct: 'server' })
  await using crowd = await openCrowd([doorWay(stack, await mint({ ttlSeconds: 7200 }))], poolSize, simple('select 1'))
  const hold = simple(`select pg_sleep(${heldMs / 1000})`).steps(0)[0]!
  const rise = async (): Promise<Block> => {
    await shrunken(admin, stack.app(0).user, 2, signal)
    const start = wallMs()
    const times = await Promise.all(crowd.clients.map((client) => timed(client, hold)))
    const counts = { scheduled: poolSize, sent: poolSize, dropped: 0, errors: 0, trouble: '' }
    return { times: Float64Array.from(times), ...counts, lateness: new Float64Array(0), elapsedMs: wallMs() - start }
  }
  const load = `${poolSize} statements at once on a pool of ${poolSize} that has at most 2 open, each holding its connection for ${heldMs} ms`
  const { ask } = await recordLevels(trial, { arms: [{ name: 'system', block: rise }], load, looks: rounds[profile.name] })
  await conclude(
    await ask('in-time', {
      id: 'PERF-012',
      metric: 'pool_scaling_p99',
      unit: 'ms',
      budget: { op: '<', value: 100, unit: 'ms', percentile: null },
      figure: { kind: 'quantile', share: 0.99 },
      subject: 'system',
    }),
  )
})

/** What of the answer's time was not the statement's own. */
async function timed(client: GeneratorClient, statement: Buffer): Promise<number> {
  const start = wallMs()
  await client.ask(statement)
  return wallMs() - start - heldMs
}
