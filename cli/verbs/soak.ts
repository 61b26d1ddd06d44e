/** `soak`: steady load for so many minutes, and whether anything grows. */
import { join, relative } from 'node:path'
import { watchConditions } from '../../perf/environment.ts'
import { growthPlot } from '../../perf/plots/growth.ts'
import { judgeSoak, verdictOf, type SoakFinding } from '../../perf/soak/judge.ts'
import { soakText } from '../../perf/soak/tell.ts'
import { soak as hold, type SoakPlan } from '../../perf/soak/watch.ts'
import { standUp } from '../../perf/stand.ts'
import { beginBench, keepBench, rememberBench, type BenchOptions } from '../bench-run.ts'
import { holdLeash } from '../leash.ts'
import { projectRoot } from '../project.ts'
import { readNumber } from '../usage.ts'

interface RawSoak extends BenchOptions {
  readonly minutes: string
  readonly rate: string
  readonly connections: string
  readonly logins: string
  readonly json?: boolean
}

const exitCodes = { leak: 1, 'no leak seen': 0, 'too short to tell': 2 } as const

export async function soak(raw: RawSoak): Promise<number> {
  const seconds = readNumber('--minutes', raw.minutes, 0.05, 60 * 24 * 7) * 60
  const run = beginBench('soak', raw)
  const plan: SoakPlan = {
    seconds,
    perSecond: readNumber('--rate', raw.rate, 1, 20_000),
    connections: readNumber('--connections', raw.connections, 1, 1000),
    loginsPerSecond: readNumber('--logins', raw.logins, 0, 500),
    windowMs: seconds > 1800 ? 5000 : 1000,
    seed: run.seed,
  }
  using leash = holdLeash()
  if (raw.json !== true) console.log(`soak ${run.name}: ${run.topology.pooler?.kind}, ${raw.minutes} min, ${plan.perSecond} queries/s on ${plan.connections} connections, ${plan.loginsPerSecond} logins/s, seed ${run.seed}`) // prettier-ignore
  await using standing = await standUp(run.name, run.topology, seconds)
  const conditions = watchConditions(standing.stack)
  // Asked to stop, it tells what it has seen by then.
  const record = await hold(standing.stack, standing, plan, leash.signal)
  const findings = judgeSoak(record)
  const environment = conditions()
  const { windows, operations, logins, failures } = record
  const told = { run: run.name, verdict: verdictOf(findings), plan, windows, operations, logins, failures, findings, environment }
  const text = soakText(record, findings)
  const plots = keepBench(run, { 'soak.json': told, 'soak.txt': `${text}\n` }, findings.map(growthPlot))
  rememberBench('soak', run, standing.stack, environment, findings.map(readingOf))
  console.log(
    raw.json === true ? JSON.stringify(told, null, 2) : `${text}\n\nplots ${plots.length} in ${relative(projectRoot, join(run.dir))}`,
  )
  return exitCodes[told.verdict]
}

const readingOf = ({ series, unit, perHour, low, high }: SoakFinding) => ({
  metric: `growth of ${series}`,
  unit: `${unit}/h`,
  value: perHour,
  low,
  high,
})
