/** `report`: everything again from the evidence on disk. */
import { join, relative } from 'node:path'
import { closingLine, type Gate } from '../../reports/outcome.ts'
import { tableText } from '../../reports/summary.ts'
import { writeReports } from '../../reports/write.ts'
import { openFullHistory, trendsIn } from '../figures.ts'
import { outFolder, projectRoot, specification } from '../project.ts'
import { mustKnow } from '../usage.ts'
import { readdirSync, existsSync } from 'node:fs'

export async function report(run: string | undefined, { gate, allure = true }: { gate: string; allure?: boolean }): Promise<number> {
  mustKnow('gate', gate, ['run', 'p0', 'release'])
  const out = outFolder()
  if (run !== undefined) mustKnow('run', run, existsSync(out) ? readdirSync(out) : [])
  const into = run === undefined ? join(out, 'report') : join(out, run)
  const spec = specification()
  using history = openFullHistory(out)
  const trendOf = trendsIn(history)
  const { rows, outcome, files } = await writeReports({ spec, out, run: run ?? null, into, gate: gate as Gate, allure, trendOf })
  const color = process.stdout.isTTY === true
  console.log(tableText(rows, gate as Gate, color))
  console.log(`\n${files.map((file) => relative(projectRoot, file)).join('\n')}`)
  console.log(closingLine(outcome))
  return outcome.exitCode
}
