/** `npm run coverage`: how much of our own code runs under the unit tests, and how much under the suites (T1.2, T2.4). */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { coverLines, type ScriptCoverage } from './cover-lines.ts'
import { close, runStep, type StepResult } from './steps.ts'

const projectRoot = resolve(import.meta.dirname, '..')
const minuteMs = 60_000

/** What is ours and ships or judges; tests, liars and generated files do not count. */
const folders = ['spec', 'stack', 'fixtures', 'reports', 'cli', 'suites/kit', 'reference'] as const

/** Runs a command with Node's own coverage on in it and in every Node program it starts, and writes the summary. */
async function measure(name: string, command: readonly string[]): Promise<StepResult> {
  const raw = join(projectRoot, 'coverage', name, 'raw')
  rmSync(join(projectRoot, 'coverage', name), { recursive: true, force: true })
  mkdirSync(raw, { recursive: true })
  const result = await runStep({ name, command, env: { NODE_V8_COVERAGE: raw }, loud: true, limitMs: 15 * minuteMs })
  const summary = summarise(raw)
  writeFileSync(join(projectRoot, 'coverage', name, 'coverage-summary.json'), JSON.stringify(summary, null, 2))
  console.log(`${name}: ${summary.total.lines.pct} % of ${summary.total.lines.total} lines`)
  return result
}

interface Share {
  readonly lines: { readonly total: number; readonly covered: number; readonly pct: number }
}

function summarise(raw: string): Record<string, Share> & { total: Share } {
  const scripts = readdirSync(raw).flatMap(
    (file) => (JSON.parse(readFileSync(join(raw, file), 'utf8')) as { result: ScriptCoverage[] }).result,
  )
  const byUrl = Map.groupBy(scripts, (script) => script.url)
  const files = folders.flatMap((folder) => sourcesBelow(folder))
  const shares = files.map((file) => {
    const text = readFileSync(join(projectRoot, file), 'utf8')
    const { total, covered } = coverLines(text, byUrl.get(pathToFileURL(join(projectRoot, file)).href) ?? [])
    return [file, share(total, covered)] as const
  })
  const total = share(
    shares.reduce((sum, [, one]) => sum + one.lines.total, 0),
    shares.reduce((sum, [, one]) => sum + one.lines.covered, 0),
  )
  return { total, ...Object.fromEntries(shares) }
}

function share(total: number, covered: number): Share {
  return { lines: { total, covered, pct: total === 0 ? 100 : Math.round((covered / total) * 10_000) / 100 } }
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/(^|\/)(testing|generated|node_modules)\//.test(path))
    .map((path) => join(folder, path))
}

const unit = await measure('unit', ['vitest', 'run', '--project', 'unit', '--project', 'contract'])
const suites = await measure('suites', ['node', 'cli/bin.mjs', 'suite', '--pooler', 'router'])
close([unit, suites])
