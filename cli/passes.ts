/** The passes of a run: every pooler one after the other, and on each as many attempts as were asked for. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolerKind } from '../spec/entry.ts'
import type { Spec } from '../spec/load.ts'
import { undoRun } from '../stack/sweep.ts'
import { runPass, type PassResult, type Told } from './engine.ts'
import { markLost } from './lost.ts'
import { idsIn } from './plan.ts'
import { showProgress, type Voice } from './progress.ts'
import type { Run } from './run-suite.ts'
import { commandOf } from './suite-options.ts'
import { followEvidence } from './telling.ts'

/** After a signal the entry that runs gets so long to end by itself, and then the worker to be gone. */
const patienceMs = 4_000

/** Resolves to the troubles outside of entries; once the signal fires it resolves soon, with none. */
export async function runPasses(run: Run, voice: Voice, signal: AbortSignal): Promise<readonly string[]> {
  const { options, plan, spec, dir } = run
  const errors = new Set<string>()
  const progress = showProgress(plan, voice)
  const tellingOf = followEvidence(spec, dir)
  const onTold = (test: Told) => {
    const telling = tellingOf(test.id)
    // What had not begun when the run was asked to stop has nothing to tell.
    if (telling !== null || !signal.aborted) progress.told(test, telling)
  }
  announceStop(voice, signal)
  for (const { pooler, attempt } of passesOf(run)) {
    if (signal.aborted) break
    if (options.poolers.length * options.repeat > 1) progress.began(`${pooler}, attempt ${attempt} of ${options.repeat}`)
    const pass = runPass({
      ids: idsIn(plan),
      env: environment(run, pooler, attempt),
      onTold,
      signal,
    })
    const result = await orCutShort(pass, run, signal)
    if (result === null || signal.aborted) break
    for (const error of result.errors.length > 0 ? result.errors : miscounted(spec, result)) errors.add(error)
    markLost({ dir, spec, plan, pooler, provider: options.provider, attempt, errors: result.errors })
  }
  return signal.aborted ? [] : [...errors]
}

function announceStop(voice: Voice, signal: AbortSignal): void {
  const say = () => voice.say('stopping: the entry that runs is cut off, and what was proved is reported')
  signal.addEventListener('abort', say, { once: true })
}

function passesOf({ options }: Run): readonly { readonly pooler: PoolerKind; readonly attempt: number }[] {
  const attempts = Array.from({ length: options.repeat }, (_, index) => index + 1)
  return options.poolers.flatMap((pooler) => attempts.map((attempt) => ({ pooler, attempt })))
}

/** The result; or null if a worker had to be killed because it did not end in time after the signal. */
async function orCutShort(pass: Promise<PassResult>, run: Run, signal: AbortSignal): Promise<PassResult | null> {
  const first = await Promise.race([pass, patienceOver(signal)])
  if (first !== null) return first
  await undoRun(run.name)
  return Promise.race([pass, sleep(patienceMs, null, { ref: false })])
}

async function patienceOver(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return sleep(patienceMs, null, { ref: false })
}

/** What the kit in the worker is told. */
function environment({ name, dir, options }: Run, pooler: PoolerKind, attempt: number): Record<string, string> {
  return {
    OROCHI_RUN: name,
    OROCHI_RUN_DIR: dir,
    OROCHI_SEED: options.seed,
    OROCHI_POOLER: pooler,
    OROCHI_PROVIDER: options.provider,
    OROCHI_TOPOLOGY: JSON.stringify(options.topology),
    OROCHI_PROGRAMS: JSON.stringify(options.programs),
    OROCHI_ATTEMPT: String(attempt),
    OROCHI_LIAR: options.liar ?? '',
    OROCHI_PROFILE: options.profile,
    OROCHI_REPEAT: commandOf({ ...options, poolers: [pooler], repeat: 1 }, ['{id}']),
    OROCHI_WATCHED: name,
  }
}

/** Each live entry has exactly one proof, each planned one none; told only where every file could be read. */
function miscounted(spec: Spec, { specCalls }: PassResult): string[] {
  return [...spec.entries.values()].flatMap((entry) => {
    const calls = specCalls.get(entry.id) ?? 0
    if (entry.status === 'live' && calls !== 1) return [`${entry.id} is live and has ${calls} spec calls: it must have exactly one`]
    return entry.status === 'planned' && calls > 0
      ? [`${entry.id} is planned and a suite tries to prove it: make it live in ${entry.source.file}`]
      : []
  })
}
