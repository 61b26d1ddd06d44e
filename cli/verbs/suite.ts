/** `suite`: one run, told as it goes. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { closingLine, isOpen, standingOf } from '../../reports/outcome.ts'
import { readRun } from '../../reports/read.ts'
import { rowsOf, type Row } from '../../reports/rows.ts'
import { tableText } from '../../reports/summary.ts'
import { generateAllure } from '../../reports/allure-html.ts'
import { verdictJson } from '../../reports/write.ts'
import { comparisonText } from '../comparison-text.ts'
import type { FullPlan } from '../plan.ts'
import { outFolder, projectRoot, specification } from '../project.ts'
import { runSuite, type SuiteResult } from '../run-suite.ts'
import { commandOf, readSuiteOptions, type RawOptions, type SuiteOptions } from '../suite-options.ts'
import { mustKnow, UsageError } from '../usage.ts'
import { compareWith, exitCodeOf, findBaseline } from './compare.ts'

export async function suite(families: readonly string[], raw: RawOptions & { rerunFailed?: string; baseline?: string }): Promise<number> {
  const options = raw.rerunFailed === undefined ? readSuiteOptions(families, raw) : rerun(raw.rerunFailed, families, raw)
  const baseline = raw.baseline === undefined ? null : findBaseline(raw.baseline)
  const json = raw.json === true
  const color = !json && process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
  const result = await runSuite(options, { say: json ? () => {} : (line) => console.log(line), color })
  const comparison = baseline === null ? null : compareWith(baseline, result.run)
  const exitCode = comparison === null || result.exitCode !== 0 ? result.exitCode : exitCodeOf(comparison)
  if (comparison !== null) writeFileSync(join(result.dir, 'comparison.json'), JSON.stringify(comparison, null, 2))
  if (json) {
    const { run, outcome, rows, files, errors } = result
    const verdicts = rows.filter((row) => row.planned).map(verdictJson)
    const compared = comparison === null ? {} : { comparison }
    console.log(JSON.stringify({ run, ...outcome, exitCode, errors, files, verdicts, ...compared }, null, 2))
    return exitCode
  }
  console.log(`\n${tableText(result.rows, options.gate, color)}\n`)
  if (raw.allure === true)
    await generateAllure(join(result.dir, 'allure-results'), join(result.dir, 'allure-report'), join(outFolder(), 'allure-history.jsonl'))
  if (comparison !== null) console.log(`${comparisonText(comparison)}\n`)
  for (const line of farewell(result, options)) console.log(line)
  return exitCode
}

function farewell(result: SuiteResult, options: SuiteOptions): string[] {
  const failed = [...new Set(result.rows.filter((row) => row.planned && standingOf(row) === 'failed').map((row) => row.entry.id))]
  const open = result.rows.filter((row) => row.planned && isOpen(row))
  return [
    ...openLine(open),
    `report   ${relative(projectRoot, join(result.dir, 'index.html'))}`,
    ...(failed.length === 0
      ? []
      : [`failures ${relative(projectRoot, join(result.dir, 'failures'))}`, `repeat   ${commandOf(options, failed)}`]),
    closingLine(result.outcome),
  ]
}

/** Never green: the run goes on, a gate does not. */
function openLine(open: readonly Row[]): string[] {
  if (open.length === 0) return []
  const ids = [...new Set(open.map((row) => row.entry.id))].join(', ')
  return [`undecided on this machine as it is now, counted as skipped here and failing under --gate p0 and release: ${ids}`]
}

/** The same seed and system as that run, and of its entries those that were not as expected. */
function rerun(name: string, families: readonly string[], raw: RawOptions): SuiteOptions {
  const out = outFolder()
  mustKnow('run', name, existsSync(out) ? readdirSync(out) : [])
  const run = readRun(join(out, name))
  const failed = rowsOf(specification(), [run], { standIns: 'admitted' }).filter((row) => row.planned && standingOf(row) === 'failed')
  if (failed.length === 0) throw new UsageError(`nothing failed in run ${name}: there is nothing to run again`)
  return readSuiteOptions(families, {
    ...restored(run.plan as FullPlan | null),
    ...raw,
    id: [...new Set(failed.map((row) => row.entry.id))],
  })
}

/** The options that a run's plan was made from. */
function restored(plan: FullPlan | null): RawOptions {
  if (plan?.system === undefined) return {}
  const { seed, poolers, provider, topology, programs, profile } = plan.system
  return {
    seed,
    provider,
    profile,
    pooler: poolers.length > 1 ? 'all' : (poolers[0] ?? 'router'),
    topology: JSON.stringify(topology),
    part: Object.entries(programs).map(([part, program]) => `${part}=${program}`),
  }
}
