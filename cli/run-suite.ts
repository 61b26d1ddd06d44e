/** One run from plan to reports: what `npm run suite` does. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, loadavg } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Plan } from '../reports/read.ts'
import { writeReports, type Written } from '../reports/write.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import { loadSpec, type Spec } from '../spec/load.ts'
import { openLedger } from '../stack/ledger.ts'
import { timeFactor } from '../stack/limits.ts'
import { stateFolder } from '../stack/state.ts'
import { downDead, undoRun } from '../stack/sweep.ts'
import { setWatchdog } from '../stack/watchdog.ts'
import { runPass, type PassResult } from './engine.ts'
import { holdLeash } from './leash.ts'
import { markLost } from './lost.ts'
import { idsIn, makePlan, remainingMs } from './plan.ts'
import { showProgress } from './progress.ts'
import { outFolder, refuseFullDisk, versionOf } from './project.ts'
import { commandOf, type SuiteOptions } from './suite-options.ts'

export interface SuiteResult extends Written {
  readonly run: string
  readonly dir: string
  readonly plan: Plan
  readonly exitCode: number
  /** Troubles outside of entries. */
  readonly errors: readonly string[]
}

export interface Voice {
  say(line: string): void
  readonly color: boolean
}

/** Plans, runs, folds and reports; leaves nothing running, whatever happens. */
export async function runSuite(options: SuiteOptions, voice: Voice, name = 'run'): Promise<SuiteResult> {
  const spec = loadSpec(process.env['OROCHI_SPEC_DIR'])
  const plan = makePlan(spec, { ...options.wish, pooler: options.poolers.join('+'), provider: options.provider }, outFolder())
  await downDead()
  const run = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${name}-${randomBytes(2).toString('hex')}`
  const dir = join(outFolder(), run)
  mkdirSync(dir, { recursive: true })
  for (const folder of [dir, stateFolder('runs')]) refuseFullDisk(folder)
  openLedger(run, 'main')
  setWatchdog(run)
  using leash = holdLeash()
  begin(dir, run, plan, options)
  voice.say(
    `run ${run}: ${idsIn(plan).length} entries, ${options.poolers.join(' then ')}, ${options.provider}, seed ${options.seed}, about ${Math.ceil(remainingMs(plan, new Set()) / 1000)} s`,
  )
  let errors: readonly string[] = []
  try {
    errors = await passes(spec, run, dir, plan, options, voice, leash.signal)
  } finally {
    await undoRun(run)
  }
  const written = await writeReports({ spec, out: outFolder(), run, into: dir, gate: options.gate, allure: false })
  const exitCode = leash.signal.aborted
    ? Number(leash.signal.reason)
    : errors.length > 0 && written.outcome.exitCode === 0
      ? 2
      : written.outcome.exitCode
  append(dir, { kind: 'finished', at: new Date().toISOString(), run, exitCode })
  return { ...written, run, dir, plan, exitCode, errors }
}

function begin(dir: string, run: string, plan: Plan, options: SuiteOptions): void {
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan, null, 2))
  const { text, dirty } = versionOf()
  const machine = {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryBytes: totalmem(),
    kernel: release(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load1: loadavg()[0] ?? 0,
    timeFactor: timeFactor(),
  }
  append(dir, {
    kind: 'run',
    at: new Date().toISOString(),
    run,
    version: text,
    dirty,
    seed: options.seed,
    command: commandOf(options),
    profile: options.profile,
    plan: plan.hash,
    machine,
    liar: options.liar,
  })
}

function append(dir: string, line: EvidenceLine): void {
  appendFileSync(join(dir, 'evidence.jsonl'), `${JSON.stringify(line)}\n`)
}

/** Every pooler, and for each as many passes as were asked for. */
async function passes(
  spec: Spec,
  run: string,
  dir: string,
  plan: Plan,
  options: SuiteOptions,
  voice: Voice,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const errors: string[] = []
  const progress = showProgress(plan, voice.say, voice.color)
  for (const pooler of options.poolers) {
    for (let attempt = 1; attempt <= options.repeat && !signal.aborted; attempt++) {
      if (options.poolers.length > 1 || options.repeat > 1) progress.began(`${pooler}, attempt ${attempt} of ${options.repeat}`)
      const env = environment(run, dir, options, pooler, attempt)
      const pass = await Promise.race([runPass({ ids: idsIn(plan), env, onTold: progress.told, signal }), cutShort(signal)])
      if (pass === null) break
      errors.push(...pass.errors, ...miscounted(spec, pass))
      markLost({ dir, spec, plan, pooler, provider: options.provider, attempt, errors: pass.errors })
    }
  }
  for (const error of new Set(errors)) voice.say(`harness: ${error}`)
  return [...new Set(errors)]
}

/** After a signal the entry that runs gets a moment to end by itself. */
const patienceMs = 4_000

function cutShort(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => setTimeout(() => resolve(null), patienceMs).unref(), { once: true }),
  )
}

function environment(run: string, dir: string, options: SuiteOptions, pooler: string, attempt: number): Record<string, string> {
  return {
    OROCHI_RUN: run,
    OROCHI_RUN_DIR: dir,
    OROCHI_SEED: options.seed,
    OROCHI_POOLER: pooler,
    OROCHI_PROVIDER: options.provider,
    OROCHI_TOPOLOGY: JSON.stringify(options.topology),
    OROCHI_PROGRAMS: JSON.stringify(options.programs),
    OROCHI_ATTEMPT: String(attempt),
    OROCHI_PROFILE: options.profile,
    OROCHI_WATCHED: run,
  }
}

/** Each live entry has exactly one proof, each planned one none. */
function miscounted(spec: Spec, { specCalls }: PassResult): string[] {
  return [...spec.entries.values()].flatMap((entry) => {
    const calls = specCalls.get(entry.id) ?? 0
    if (entry.status === 'live' && calls !== 1) return [`${entry.id} is live and has ${calls} spec calls: it must have exactly one`]
    return entry.status === 'planned' && calls > 0
      ? [`${entry.id} is planned and a suite tries to prove it: make it live in ${entry.source.file}`]
      : []
  })
}
