/** One run from plan to reports: what `npm run suite` does. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { watchConditions } from '../perf/environment.ts'
import { openHistory, type History } from '../perf/history/open.ts'
import { writeReports, type Written } from '../reports/write.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { openLedger } from '../stack/ledger.ts'
import { stateFolder } from '../stack/state.ts'
import { downDead, undoRun } from '../stack/sweep.ts'
import { setWatchdog } from '../stack/watchdog.ts'
import { keepFigures, trendsIn } from './figures.ts'
import { firstRecord } from './first-record.ts'
import { holdLeash } from './leash.ts'
import { runPasses } from './passes.ts'
import { idsIn, makePlan, remainingMs, type FullPlan } from './plan.ts'
import type { Voice } from './progress.ts'
import { outFolder, refuseFullDisk, specification } from './project.ts'
import type { SuiteOptions } from './suite-options.ts'

export interface SuiteResult extends Written {
  readonly run: string
  readonly dir: string
  readonly plan: FullPlan
  readonly exitCode: number
  /** It was asked to stop before it was done. */
  readonly interrupted: boolean
  /** Troubles outside of entries. */
  readonly errors: readonly string[]
}

/** A run on disk, before anything of it has started. */
export interface Run {
  readonly name: string
  readonly dir: string
  readonly spec: Spec
  readonly plan: FullPlan
  readonly options: SuiteOptions
}

/** Plans, runs, folds and reports; leaves nothing running, whatever happens. */
export async function runSuite(options: SuiteOptions, voice: Voice, kind = 'run'): Promise<SuiteResult> {
  const spec = specification()
  const plan = makePlan(spec, options, outFolder())
  await downDead()
  using leash = holdLeash()
  const run = begin(spec, plan, options, kind)
  voice.say(greeting(run))
  const conditions = watchConditions(null)
  const errors = await workThrough(run, voice, leash.signal)
  writeFileSync(join(run.dir, 'environment.json'), JSON.stringify(conditions(), null, 2))
  using history = remember(run.dir, voice)
  const written = await writeReports({
    spec,
    out: outFolder(),
    run: run.name,
    into: run.dir,
    gate: options.gate,
    allure: false,
    ...trends(history),
  })
  const interrupted = leash.signal.aborted
  const exitCode = interrupted ? Number(leash.signal.reason) : exitCodeOf(written, errors)
  append(run.dir, { kind: 'finished', at: new Date().toISOString(), run: run.name, exitCode })
  return { ...written, run: run.name, dir: run.dir, plan, exitCode, interrupted, errors }
}

/** Writes down what is about to happen: ledger and watchdog, the plan, the first record. */
function begin(spec: Spec, plan: FullPlan, options: SuiteOptions, kind: string): Run {
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${kind}-${randomBytes(2).toString('hex')}`
  const dir = join(outFolder(), name)
  mkdirSync(dir, { recursive: true })
  for (const folder of [dir, stateFolder('runs')]) refuseFullDisk(folder)
  openLedger(name, 'main')
  setWatchdog(name)
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan, null, 2))
  append(dir, firstRecord(name, plan, options))
  return { name, dir, spec, plan, options }
}

function greeting({ name, plan, options }: Run): string {
  const passes = options.poolers.length * options.repeat
  const seconds = Math.ceil((remainingMs(plan, new Set()) * passes) / 1000)
  return `run ${name}: ${idsIn(plan).length} entries, ${options.poolers.join(' then ')}, ${options.provider}, seed ${options.seed}, about ${seconds} s`
}

async function workThrough(run: Run, voice: Voice, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const errors = await runPasses(run, voice, signal)
    for (const error of errors) voice.say(`harness: ${error}`)
    return errors
  } finally {
    await undoRun(run.name)
  }
}

/** What could not be entered now is entered when somebody next asks the history; null where there is none to ask. */
function remember(dir: string, voice: Voice): History | null {
  try {
    const history = openHistory()
    keepFigures(history, dir)
    return history
  } catch (error) {
    voice.say(`the figures of this run are not in the history yet: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

const trends = (history: History | null) => (history === null ? {} : { trendOf: trendsIn(history) })

/** Trouble outside of entries is never green. */
function exitCodeOf({ outcome }: Written, errors: readonly string[]): number {
  return outcome.exitCode === 0 && errors.length > 0 ? 2 : outcome.exitCode
}

function append(dir: string, line: EvidenceLine): void {
  appendFileSync(join(dir, 'evidence.jsonl'), `${JSON.stringify(line)}\n`)
}
