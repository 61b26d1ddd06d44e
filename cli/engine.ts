/** Runs the suites through vitest in this process, and tells of every test as it ends. */
import { join } from 'node:path'
import {
  BaseSequencer,
  createVitest,
  type Reporter,
  type TestCase,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from 'vitest/node'
import { projectRoot } from './project.ts'

export interface Pass {
  readonly ids: readonly string[]
  /** What the worker is told, by its environment. */
  readonly env: Readonly<Record<string, string>>
  readonly onTold: (told: Told) => void
  readonly signal: AbortSignal
}

/** What vitest says of one test. */
export interface Told {
  readonly id: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  readonly ms: number
  readonly why: string
}

export interface PassResult {
  /** Entry id → how many `spec` calls name it, over all test files. */
  readonly specCalls: ReadonlyMap<string, number>
  /** Errors outside of tests: files that do not load, a worker that died. */
  readonly errors: readonly string[]
}

/** One pass over some entries. Resolves when all are told; once the signal fires, no further entry begins. */
export async function runPass({ ids, env, onTold, signal }: Pass): Promise<PassResult> {
  using _ = setEnvironment(env)
  const vitest = await openVitest(ids, onTold)
  const cancel = () => void vitest.cancelCurrentRun('keyboard-input').catch(() => {})
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const trouble = signal.aborted ? [] : await start(vitest)
    const modules = vitest.state.getTestModules()
    const errors = [...trouble, ...errorsOf(modules), ...vitest.state.getUnhandledErrors().map(textOf)]
    return { specCalls: countCalls(modules), errors }
  } finally {
    signal.removeEventListener('abort', cancel)
    await vitest.close()
    process.exitCode = undefined
  }
}

function setEnvironment(env: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, env)
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    },
  }
}

/** Files run in the order of their names, always: what came before an entry is part of what it met. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
  }
}

/** Vitest's own way with signals is to exit at once; ours is to report first, so its listeners are taken off again. */
async function openVitest(ids: readonly string[], onTold: Pass['onTold']): Promise<Vitest> {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const before = signals.map((name) => process.rawListeners(name))
  const vitest = await createVitest({
    root: projectRoot,
    config: join(projectRoot, 'vitest.config.ts'),
    project: ['system'],
    watch: false,
    run: true,
    tagsFilter: [ids.map((id) => `id/${id}`).join(' or ')],
    reporters: [reporterOf(onTold)],
    sequence: { sequencer: ByName },
    passWithNoTests: true,
    ...coverage(process.env['OROCHI_COVERAGE']),
  })
  signals.forEach((name, index) => {
    const added = process.rawListeners(name).filter((listener) => !before[index]!.includes(listener))
    for (const listener of added) process.off(name, listener as NodeJS.SignalsListener)
  })
  return vitest
}

/** Where `npm run coverage` wants to know what ran of the kit and the stack. */
function coverage(dir: string | undefined): object {
  if (dir === undefined) return {}
  return { coverage: { enabled: true, reporter: ['json'], reportsDirectory: dir, reportOnFailure: true } }
}

async function start(vitest: Vitest): Promise<string[]> {
  try {
    await vitest.start()
    return []
  } catch (error) {
    return [textOf(error)]
  }
}

function reporterOf(onTold: Pass['onTold']): Reporter {
  return {
    onTestCaseResult(test) {
      const id = idOf(test)
      const told = id === null ? null : toldOf(id, test)
      if (told !== null) onTold(told)
    },
  }
}

function idOf(test: TestCase): string | null {
  return test.tags.find((tag) => tag.startsWith('id/'))?.slice(3) ?? null
}

/** Null for tests that the filter left out: they end as skipped, without a word. */
function toldOf(id: string, test: TestCase): Told | null {
  const result = test.result()
  const why = result.state === 'failed' ? (result.errors[0]?.message ?? '') : result.state === 'skipped' ? (result.note ?? '') : ''
  if (result.state === 'skipped' && why === '') return null
  return { id, title: test.name.replace(`${id} `, ''), state: result.state, ms: test.diagnostic()?.duration ?? 0, why }
}

/** A call for several topologies makes a test for each, told apart by their names: the first stands for all. */
function countCalls(modules: readonly TestModule[]): ReadonlyMap<string, number> {
  const tests = modules.flatMap((module) => [...module.children.allTests()]).filter((test) => !/ \((?!1 )\d+ of \d+\)$/.test(test.name))
  const ids = tests.flatMap((test) => idOf(test) ?? [])
  return new Map([...Map.groupBy(ids, (id) => id)].map(([id, calls]) => [id, calls.length]))
}

function errorsOf(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => module.errors().map((error) => `${module.relativeModuleId}: ${error.message}`))
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message
  const { message } = error as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}
