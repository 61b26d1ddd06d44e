/** `load`: another generator than ours on the system: pgbench beside plain Postgres, or k6 on the HTTP side. */
import { relative } from 'node:path'
import { watchConditions } from '../../perf/environment.ts'
import type { Way } from '../../perf/generator/client.ts'
import type { Reading } from '../../perf/history/record.ts'
import { runK6 } from '../../perf/k6/run.ts'
import { thresholdsOf } from '../../perf/k6/thresholds.ts'
import { httpTargets } from '../../perf/k6/targets.ts'
import { runPgbench } from '../../perf/pgbench/run.ts'
import { meanInterval } from '../../perf/power/detection.ts'
import { standUp, type Standing } from '../../perf/stand.ts'
import type { Budget } from '../../spec/entry.ts'
import { HarnessError } from '../../stack/harness-error.ts'
import { detectTool, toolOf, type Tool } from '../../stack/load-tools.ts'
import { beginBench, keepBench, rememberBench, type BenchOptions } from '../bench-run.ts'
import { holdLeash } from '../leash.ts'
import { projectRoot, specification } from '../project.ts'
import { mustKnow, readNumber, UsageError } from '../usage.ts'

interface RawLoad extends BenchOptions {
  readonly with: string
  readonly rounds: string
  readonly seconds: string
  readonly rate: string
  readonly budget?: string
  readonly json?: boolean
}

interface Plan {
  readonly tool: Tool
  readonly rounds: number
  readonly seconds: number
  readonly perSecond: number
  readonly budget: Budget | null
}

interface Told {
  readonly readings: readonly Reading[]
  readonly lines: readonly string[]
  readonly failed: string | null
  readonly raw: unknown
}

export async function load(raw: RawLoad): Promise<number> {
  mustKnow('load generator', raw.with, ['pgbench', 'k6'])
  const plan: Plan = {
    tool: toolOrThrow(raw.with as Tool['name']),
    rounds: readNumber('--rounds', raw.rounds, 2, 500),
    seconds: readNumber('--seconds', raw.seconds, 1, 600),
    perSecond: readNumber('--rate', raw.rate, 1, 20_000),
    budget: raw.budget === undefined ? null : budgetOf(raw.budget),
  }
  const run = beginBench(`load-${raw.with}`, raw)
  using leash = holdLeash()
  await using standing = await standUp(run.name, run.topology)
  const conditions = watchConditions(standing.stack)
  const told = await (plan.tool.name === 'k6' ? byK6(standing, plan, leash.signal) : byPgbench(standing, plan, leash.signal))
  const environment = conditions()
  keepBench(run, { 'load.json': { run: run.name, plan, ...told, environment } }, [])
  rememberBench(`load-${raw.with}`, run, standing.stack, environment, told.readings)
  if (raw.json === true) console.log(JSON.stringify({ run: run.name, ...told }, null, 2))
  else
    console.log(
      [`${plan.tool.version}`, ...told.lines, told.failed ?? 'every answer was right', `figures ${relative(projectRoot, run.dir)}`].join(
        '\n',
      ),
    )
  return told.failed === null ? 0 : 2
}

interface BlockFigures {
  readonly p50: number
  readonly p99: number
  readonly failures: number
  readonly trouble: string
}

/** Directly, by the front door, and back again: what changes slowly falls on both. */
async function byPgbench({ system, direct }: Standing, plan: Plan, signal: AbortSignal): Promise<Told> {
  const script = `select name from public.countries where code = 'FR';\n`
  const rest = { program: plan.tool.path, script, mode: 'prepared', connections: 8, lateLimitMs: null, ...plan } as const
  const block = async (way: Way, seed: number) => {
    const done = await runPgbench({ ...rest, way, seed }, signal)
    const sorted = done.times.toSorted()
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
    return { p50: at(0.5), p99: at(0.99), failures: done.errors + done.dropped, trouble: done.trouble }
  }
  const rounds: { readonly direct: BlockFigures; readonly system: BlockFigures }[] = []
  for (let round = 0; round < plan.rounds && !signal.aborted; round++) {
    const ways = round % 2 === 0 ? [direct, system] : [system, direct]
    const [first, second] = [await block(ways[0]!, round), await block(ways[1]!, round)]
    rounds.push(round % 2 === 0 ? { direct: first, system: second } : { direct: second, system: first })
  }
  const readings = (['p50', 'p99'] as const).map((share) => ({
    metric: `added latency by pgbench, ${share}`,
    unit: 'ms',
    ...meanInterval(rounds.map((round) => round.system[share] - round.direct[share])),
  }))
  const failures = rounds.reduce((sum, round) => sum + round.system.failures + round.direct.failures, 0)
  const trouble = rounds.find(({ system: one }) => one.trouble !== '')?.system.trouble ?? ''
  return {
    readings,
    lines: readings.map(({ metric, value, low, high }) => `${metric}: ${value.toFixed(3)} ms [${low.toFixed(3)}, ${high.toFixed(3)}]`),
    failed: failures === 0 ? null : `${failures} transactions failed: ${trouble}`,
    raw: rounds,
  }
}

async function byK6({ stack }: Standing, plan: Plan, signal: AbortSignal): Promise<Told> {
  const targets = httpTargets(stack, plan.perSecond)
  const thresholds =
    plan.budget === null
      ? {}
      : thresholdsOf(
          plan.budget,
          targets.map(({ name }) => name),
        )
  const seconds = plan.seconds * plan.rounds
  const { figures, dropped, broken, summary } = await runK6(
    plan.tool.path,
    { targets, seconds, concurrency: 20, timeoutMs: 10_000, thresholds },
    signal,
  )
  const shown = figures.map((one) => ({ ...one, sorted: one.times.toSorted() }))
  const at = (sorted: Float64Array, share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  const troubles = [
    ...figures
      .filter(({ failed }) => failed > 0)
      .map(({ target, failed, firstTrouble }) => `${target}: ${failed} failed (${firstTrouble})`),
  ]
  if (dropped > 0) troubles.push(`${dropped} requests found no place: the load was not driven`)
  return {
    readings: shown.flatMap(({ target, sorted }) =>
      [0.5, 0.95].map((share) => ({ metric: `${target} p${share * 100}`, unit: 'ms', value: at(sorted, share) })),
    ),
    lines: shown.map(
      ({ target, requests, sorted }) =>
        `${target}: ${requests} requests, p50 ${at(sorted, 0.5).toFixed(2)} ms, p95 ${at(sorted, 0.95).toFixed(2)} ms`,
    ),
    failed: [...troubles, ...broken.map((one) => `threshold broken: ${one}`)].join('; ') || null,
    raw: summary,
  }
}

function toolOrThrow(name: Tool['name']): Tool {
  const found = detectTool(name)
  if (!found.here) throw new HarnessError('tool-missing', found.why)
  return toolOf(name)!
}

function budgetOf(id: string): Budget {
  const entry = specification().entries.get(id)
  if (!entry?.budget) throw new UsageError(`--budget ${id}: an entry with a budget is wanted`)
  return entry.budget
}
