/** Runs the suites through vitest in this process, and tells of every test as it ends. */
import { join } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { startVitest } from 'vitest/node'
import { projectRoot } from './project.ts'
import type { Told } from './progress.ts'

export interface Pass {
  readonly ids: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly onTold: (told: Told) => void
  readonly signal: AbortSignal
}

export interface PassResult {
  /** Entry id → how many `spec` calls name it, over all test files. */
  readonly specCalls: ReadonlyMap<string, number>
  /** Errors outside of tests: files that do not load, a worker that died. */
  readonly errors: readonly string[]
}

/** One pass over some entries. Resolves when all are told, or when it was cut short. */
export async function runPass({ ids, env, onTold, signal }: Pass): Promise<PassResult> {
  Object.assign(process.env, env)
  const told = (test: TestCase) => {
    const id = idOf(test)
    const told_ = id === null ? null : toldOf(id, test)
    if (told_ !== null) onTold(told_)
  }
  const reporter: Reporter = { onTestCaseResult: told }
  const vitest = await startVitest([], {
    root: projectRoot,
    config: join(projectRoot, 'vitest.config.ts'),
    project: ['system'],
    watch: false,
    run: true,
    tagsFilter: [ids.map((id) => `id/${id}`).join(' or ')],
    reporters: [reporter],
    passWithNoTests: true,
  })
  const cancel = () => void vitest.cancelCurrentRun('keyboard-input')
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const modules = vitest.state.getTestModules()
    return { specCalls: countCalls(modules), errors: [...errorsOf(modules), ...vitest.state.getUnhandledErrors().map(textOf)] }
  } finally {
    signal.removeEventListener('abort', cancel)
    await vitest.close()
    process.exitCode = undefined
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

function countCalls(modules: readonly TestModule[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const id = idOf(test)
      if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1)
    }
  }
  return counts
}

function errorsOf(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => module.errors().map((error) => `${module.relativeModuleId}: ${error.message}`))
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
