/** `npm run coverage`: how much of our own code runs under the unit and contract tests, and how much under the suites (T1.2, T2.4). */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { coverLines, type Covered, type FileCoverage, type ScriptCoverage } from './cover-lines.ts'
import { conduct, runStep, type StepResult } from './steps.ts'

const projectRoot = resolve(import.meta.dirname, '..')
const limitMs = 15 * 60_000

/**
 * Runs a command and writes `coverage/<name>/coverage-summary.json`. Workers are counted by the test runner, told by `coverageArgv` or by
 * OROCHI_COVERAGE where to write; the command itself and the programs it starts (gateway, router) by V8, as they end.
 */
async function measure(name: string, command: readonly string[], signal: AbortSignal): Promise<StepResult> {
  const dir = join(projectRoot, 'coverage', name)
  rmSync(dir, { recursive: true, force: true })
  const programs = join(dir, 'programs')
  mkdirSync(programs, { recursive: true })
  const env = { NODE_V8_COVERAGE: programs, ...(command[0] === 'vitest' ? {} : { OROCHI_COVERAGE: workersOf(name) }) }
  const result = await runStep({ name, command, env, loud: true, limitMs }, signal)
  const summary = summarise(workersOf(name), programs)
  writeFileSync(join(dir, 'coverage-summary.json'), JSON.stringify(summary, null, 2))
  console.log(`${name}: ${summary['total']?.lines.pct} % of ${summary['total']?.lines.total} lines, by file in coverage/${name}`)
  return summary['total']?.lines.total === 0 ? { ...result, exitCode: 1 } : result
}

const workersOf = (name: string) => join(projectRoot, 'coverage', name, 'workers')

const coverageArgv = (name: string) => [
  '--coverage.enabled',
  '--coverage.reporter=json',
  `--coverage.reportsDirectory=${workersOf(name)}`,
  '--coverage.reportOnFailure',
]

interface Share {
  readonly lines: Covered & { readonly skipped: 0; readonly pct: number }
}

/** Every file of ours, also one that no test loads: it counts with nothing covered. */
function summarise(workers: string, programs: string): Readonly<Record<string, Share>> {
  const scripts = Map.groupBy(readPrograms(programs), (script) => script.url)
  const shares = readWorkers(workers).map((file) => {
    const text = readFileSync(file.path, 'utf8')
    return [relative(projectRoot, file.path), coverLines(text, file, scripts.get(pathToFileURL(file.path).href) ?? [])] as const
  })
  const sum = (word: keyof Covered) => shares.reduce((total, [, one]) => total + one[word], 0)
  const all = [['total', { total: sum('total'), covered: sum('covered') }] as const, ...shares]
  return Object.fromEntries(all.map(([name, covered]) => [name, shareOf(covered)]))
}

function readWorkers(dir: string): readonly FileCoverage[] {
  const file = join(dir, 'coverage-final.json')
  return existsSync(file) ? Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, FileCoverage>) : []
}

function readPrograms(dir: string): readonly ScriptCoverage[] {
  return readdirSync(dir).flatMap((file) => (JSON.parse(readFileSync(join(dir, file), 'utf8')) as { result: ScriptCoverage[] }).result)
}

function shareOf({ total, covered }: Covered): Share {
  return { lines: { total, covered, skipped: 0, pct: total === 0 ? 0 : Math.round((covered / total) * 10_000) / 100 } }
}

await conduct(async (signal) => [
  await measure('unit', ['vitest', 'run', '--project', 'unit', '--project', 'contract', ...coverageArgv('unit')], signal),
  await measure('suites', ['node', 'cli/bin.mjs', 'suite', '--pooler', 'router'], signal),
])
