/** Connections are added step by step, and each part's memory is read at every step: gateway and pooler are counted apart. */
import { bootstrap, judge, watchMachine } from '../../perf/measure.ts'
import { comeAndGo } from '../../perf/generator/come-and-go.ts'
import { openCrowd, type Crowd } from '../../perf/generator/crowd.ts'
import { simple } from '../../perf/generator/statements.ts'
import { wish } from '../kit.ts'
import { residentBytes, type Part } from './memory.ts'
import { doorWay, measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)
const parts: readonly Part[] = ['gateway-0', 'pooler-0']
/** What logins leave to be collected has reached its most by then. */
const warmUp = 400
const step = 300
const steps = { quick: 6, gate: 12, full: 30 } as const

type Point = readonly [connections: number, kb: number]

/** Least squares. */
function slope(points: readonly Point[]): number {
  const [x, y] = [0, 1].map((at) => points.reduce((sum, point) => sum + point[at]!, 0) / points.length) as [number, number]
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}

spec('MEM-002', async (trial) => {
  const { stack, mint, conclude, profile, seed } = trial
  const machine = await watchMachine()
  const way = doorWay(stack, await mint({ ttlSeconds: 7200 }))
  const seen = new Map<Part, Point[]>(parts.map((part) => [part, []]))
  const crowds: Crowd[] = []
  try {
    await comeAndGo(way, warmUp)
    for (let n = 0; n <= steps[profile.name]; n++) {
      crowds.push(await openCrowd([way], step, simple('select 1')))
      for (const part of parts) seen.get(part)!.push([crowds.length * step, (await residentBytes(stack, part)) / 1000])
    }
  } finally {
    await Promise.all(crowds.map((crowd) => crowd[Symbol.asyncDispose]()))
  }
  for (const [part, points] of seen) {
    const estimate = bootstrap(points, slope)
    const budget = { op: '<', value: 50, unit: 'KB', percentile: null } as const
    const figures = machine()
    const conditions = {
      load: `${step} idle connections more at each of ${points.length} steps`,
      topology: stack.setting.topology,
      pooler: stack.setting.pooler,
      profile: profile.name,
      seed,
      machine: figures,
    }
    await conclude({
      version: 1,
      id: 'MEM-002',
      clause: 'slope',
      metric: `rss_per_connection_${part}`,
      unit: 'KB',
      comparison: 'level',
      budget,
      at: new Date().toISOString(),
      rounds: points.length,
      looks: 1,
      arms: [],
      blocks: points.map(([connections, kb], round) => ({ round, arm: part, operations: connections, figure: kb })),
      effect: estimate.value,
      interval: { low: estimate.low, high: estimate.high, level: 0.95 },
      smallestVisibleEffect: null,
      generator: null,
      conditions,
      verdict: judge({ estimate, rounds: points.length, budget, unit: 'KB', smallestVisibleEffect: null, disturbance: null, flaw: null }),
    })
  }
})
