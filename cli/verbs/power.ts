/** `power`: plants a slowdown and demands that it is found; tells the smallest that would be, here and now. */
import { relative } from 'node:path'
import { randomFrom } from '../../fixtures/random.ts'
import { watchConditions } from '../../perf/environment.ts'
import { powerPlot } from '../../perf/plots/power.ts'
import { recordControl, type ControlPlan } from '../../perf/power/control.ts'
import { meanInterval, powerOf, type MeanInterval, type Power } from '../../perf/power/detection.ts'
import { standUp } from '../../perf/stand.ts'
import { beginBench, keepBench, rememberBench, type BenchOptions } from '../bench-run.ts'
import { holdLeash } from '../leash.ts'
import { projectRoot } from '../project.ts'
import { readNumber } from '../usage.ts'

interface RawPower extends BenchOptions {
  readonly rounds: string
  readonly planted: string
  readonly json?: boolean
}

const shifts = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

export async function power(raw: RawPower): Promise<number> {
  const run = beginBench('power', raw)
  const plan: ControlPlan = {
    rounds: readNumber('--rounds', raw.rounds, 6, 1000),
    blockMs: 500,
    perSecond: 400,
    connections: 8,
    plantedMs: readNumber('--planted', raw.planted, 0.1, 100),
    seed: run.seed,
  }
  using leash = holdLeash()
  await using standing = await standUp(run.name, run.topology)
  const conditions = watchConditions(standing.stack)
  const { equal, slowed, failures } = await recordControl(standing, plan, leash.signal)
  const random = randomFrom(plan.seed)
  const [median, tail] = [powerOf(equal.p50, shifts, random), powerOf(equal.p99, shifts, random)]
  const found = meanInterval(slowed.p50)
  const verdict = verdictOf(found, plan.plantedMs, median, failures)
  const environment = conditions()
  const told = { run: run.name, plan, verdict, planted: { ms: plan.plantedMs, found }, median, tail, failures, environment }
  const plots = keepBench(run, { 'power.json': told }, [powerPlot(median, tail, equal.p50.length)])
  rememberBench('power', run, standing.stack, environment, [
    { metric: 'planted slowdown, found', unit: 'ms', ...found },
    ...smallest('median', median),
    ...smallest('p99', tail),
  ])
  console.log(
    raw.json === true
      ? JSON.stringify(told, null, 2)
      : `${textOf(median, tail, plan)}\n${verdict}\nplot ${relative(projectRoot, plots[0]!)}`,
  )
  return verdict.startsWith('found') ? 0 : verdict.startsWith('unknown') ? 2 : 1
}

/** A planted slowdown that this machine could have shown and that was not found is a fault of the method. */
function verdictOf(found: MeanInterval, plantedMs: number, { smallestMs }: Power, failures: number): string {
  if (failures > 0) return `unknown: ${failures} operations failed`
  const span = `${found.value.toFixed(2)} ms [${found.low.toFixed(2)}, ${found.high.toFixed(2)}]`
  if (found.low > 0) return `found: ${plantedMs} ms were planted, ${span} were seen`
  const least = smallestMs === null ? `no slowdown of ${shifts.at(-1)} ms or less` : `nothing smaller than ${smallestMs} ms`
  if (smallestMs === null || smallestMs > plantedMs)
    return `unknown: ${plantedMs} ms were planted, and as busy as this machine is, it shows ${least}: ${span}`
  return `not found: ${plantedMs} ms were planted, ${span} were seen`
}

function textOf(median: Power, tail: Power, { rounds }: ControlPlan): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(6)
  const rows = median.points.map(
    ({ shiftMs, seen }, at) => `${String(shiftMs).padStart(11)} ${percent(seen)} ${percent(tail.points[at]!.seen)}`,
  )
  const named = ({ smallestMs }: Power) => (smallestMs === null ? `more than ${shifts.at(-1)} ms` : `${smallestMs} ms`)
  return [
    `${rounds} rounds; seen of slowdowns of so many ms, at the median and at p99:`,
    ...rows,
    `false alarms of equal arms: median ${percent(median.falseAlarms).trim()}, p99 ${percent(tail.falseAlarms).trim()}`,
    `smallest that nine of ten see: median ${named(median)}, p99 ${named(tail)}`,
  ].join('\n')
}

const smallest = (name: string, { smallestMs }: Power) =>
  smallestMs === null ? [] : [{ metric: `smallest visible slowdown, ${name}`, unit: 'ms', value: smallestMs }]
