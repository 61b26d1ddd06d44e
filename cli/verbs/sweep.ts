/** `sweep`: connections × shards × payload, one short block each, and how the cost of a query grows with them. */
import { relative } from 'node:path'
import { watchConditions } from '../../perf/environment.ts'
import { modelText, sweepPlot } from '../../perf/plots/sweep.ts'
import { standUp } from '../../perf/stand.ts'
import { fitCost } from '../../perf/sweep/fit.ts'
import { fillShards, measureCell, warmUp, type MeasuredCell } from '../../perf/sweep/measure.ts'
import type { Topology } from '../../stack/topology.ts'
import { beginBench, keepBench, rememberBench, type BenchOptions } from '../bench-run.ts'
import { holdLeash } from '../leash.ts'
import { projectRoot } from '../project.ts'
import { readNumber, UsageError } from '../usage.ts'

interface RawSweep extends BenchOptions {
  readonly connections: string
  readonly shards: string
  readonly payload: string
  readonly seconds: string
  readonly json?: boolean
}

export async function sweep(raw: RawSweep): Promise<number> {
  const run = beginBench('sweep', raw)
  const connections = readList('--connections', raw.connections, 1, 1000)
  const payloads = readList('--payload', raw.payload, 0.1, 4096)
  const shards = readList('--shards', raw.shards, 1, 16)
  const cellMs = readNumber('--seconds', raw.seconds, 0.2, 60) * 1000
  using leash = holdLeash()
  const say = raw.json === true ? () => {} : (line: string) => console.log(line)
  say(
    `sweep ${run.name}: ${run.topology.pooler?.kind}, ${connections.length * payloads.length * shards.length} cells of ${cellMs / 1000} s`,
  )
  say(`\n${headings}`)
  const cells: MeasuredCell[] = []
  let stood: Stood | null = null
  for (const count of shards) {
    if (leash.signal.aborted) break
    const topology: Topology = { ...run.topology, shards: count, servers: count }
    await using standing = await standUp(`${run.name}-${count}`, topology)
    const conditions = watchConditions(standing.stack)
    await warmUp(standing)
    for (const payloadKb of payloads) {
      await fillShards(standing, payloadKb)
      for (const asked of connections) {
        if (leash.signal.aborted) break
        const cell = await measureCell(standing, { connections: asked, payloadKb, cellMs })
        cells.push(cell)
        say(rowText(cell))
      }
    }
    stood ??= { setting: standing.stack.setting, versions: standing.stack.versions, environment: conditions() }
  }
  return tell(run, cells, stood, raw.json === true)
}

type Stood = Parameters<typeof rememberBench>[2] & { readonly environment: Parameters<typeof rememberBench>[3] }

/** By processor time where it is told: what else the machine does then counts less. */
function tell(run: ReturnType<typeof beginBench>, cells: readonly MeasuredCell[], stood: Stood | null, json: boolean): number {
  const byTime = cells.some(({ cpuUs }) => cpuUs === null)
  const cost = byTime ? 'median latency, ms' : 'processor time of gateway and pooler, µs'
  const costs = cells.map((cell) => ({ ...cell, cost: byTime ? cell.p50Ms : cell.cpuUs! }))
  const fit = fitCost(costs)
  const model = fit === null ? 'too few cells for a model' : modelText(fit, cost)
  const plots = (['connections', 'shards', 'payloadKb'] as const)
    .map((grown) => sweepPlot(costs, fit, grown, cost))
    .filter((plot) => plot !== null)
  const told = { run: run.name, cost, cells, fit, environment: stood?.environment ?? null }
  const drawn = keepBench(run, { 'sweep.json': told, 'sweep.txt': `${model}\n` }, plots)
  if (stood !== null && fit !== null)
    rememberBench('sweep', run, stood, stood.environment, fit.coefficients.map(({ name, value, low, high }) => ({ metric: `${fit.model} ${name}`, unit: byTime ? 'ms' : 'us', value, low, high }))) // prettier-ignore
  if (json) console.log(JSON.stringify(told, null, 2))
  else console.log(`\n${model}\n${drawn.map((file) => `plot ${relative(projectRoot, file)}`).join('\n')}`)
  return cells.some(({ errors }) => errors > 0) ? 2 : 0
}

const headings = 'shards  payload KB  connections  queries/s  p50 ms  p99 ms  processor µs  errors'

function rowText({ shards, payloadKb, connections, perSecond, p50Ms, p99Ms, cpuUs, errors }: MeasuredCell): string {
  const cells = [shards, payloadKb, connections, Math.round(perSecond), p50Ms.toFixed(2), p99Ms.toFixed(2), cpuUs?.toFixed(0) ?? '', errors]
  const widths = [6, 12, 13, 11, 8, 8, 14, 8]
  return cells.map((cell, at) => String(cell).padStart(widths[at]!)).join('')
}

function readList(name: string, text: string, least: number, most: number): readonly number[] {
  const numbers = text.split(',').map((one) => readNumber(name, one, least, most))
  if (new Set(numbers).size !== numbers.length) throw new UsageError(`${name} ${text}: each number once`)
  return numbers
}
