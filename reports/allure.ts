/** Allure results, one for each row: also for entries that never ran, and with the reason of what is unsupported. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LinkType, Stage, Status, type StatusDetails, type TestResult } from 'allure-js-commons'
import { createDefaultWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter'
import type { ClauseOutcome, EvidenceLine } from '../spec/evidence.ts'
import type { RunOnDisk } from './read.ts'
import type { Row } from './rows.ts'
import { standingOf } from './outcome.ts'

const severities = { P0: 'blocker', P1: 'critical', P2: 'normal' } as const

/** Writes `allure-results` anew. */
export function writeAllure(rows: readonly Row[], runs: readonly RunOnDisk[], dir: string): void {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const newest = runs.at(-1)?.run
  const runtime = new ReporterRuntime({
    writer: createDefaultWriter({ resultsDir: dir }),
    environmentInfo: {
      run: newest?.run ?? 'none',
      seed: newest?.seed ?? '',
      version: newest?.version ?? '',
      command: newest?.command ?? '',
    },
  })
  for (const row of rows) writeRow(runtime, row, runs)
  runtime.writeEnvironmentInfo()
  writeFileSync(join(dir, 'categories.json'), JSON.stringify(categories, null, 2))
}

/** What Allure groups troubles by. */
const categories = [
  { name: 'Refuted promises', matchedStatuses: ['failed'] },
  { name: 'Could not tell', matchedStatuses: ['broken'] },
  { name: 'Unsupported here', matchedStatuses: ['skipped'] },
  { name: 'Never ran', matchedStatuses: ['unknown'] },
]

/** Refuted = failed, could not tell = broken, unsupported = skipped, never ran = no status; as expected = passed. */
export function statusOf(row: Row): Status | undefined {
  if (row.verdict === 'missing') return undefined
  const standing = standingOf(row)
  if (standing === 'passed') return Status.PASSED
  if (standing === 'skipped') return Status.SKIPPED
  return row.verdict === 'unknown' ? Status.BROKEN : Status.FAILED
}

function writeRow(runtime: ReporterRuntime, row: Row, runs: readonly RunOnDisk[]): void {
  const { entry, folded } = row
  const id = `${entry.id}·${row.pooler}${folded === null ? '' : `·${folded.setting.topology}`}`
  const stop = folded === null ? Date.now() : Date.parse(folded.at)
  const start = stop - (folded?.durationMs ?? 0)
  const uuid = runtime.startTest({
    name: `${entry.id} ${entry.title}`,
    fullName: `orochi:${entry.id}`,
    testCaseId: id,
    historyId: id,
    start,
  })
  runtime.updateTest(uuid, (result) => describe(result, row))
  if (folded !== null)
    for (const clause of entry.clauses) writeStep(runtime, uuid, `${clause.key}: ${clause.text}`, folded.clauses[clause.key], start)
  for (const { name, path } of attachmentsOf(row, runs))
    runtime.writeAttachment(uuid, null, name, path, { contentType: contentTypeOf(path) })
  runtime.stopTest(uuid, { stop })
  runtime.writeTest(uuid)
}

function describe(result: TestResult, row: Row): void {
  const { entry, folded } = row
  const status = statusOf(row)
  result.stage = Stage.FINISHED
  if (status === undefined) delete (result as Partial<TestResult>).status
  else result.status = status
  result.statusDetails = { message: messageOf(row) } satisfies StatusDetails
  result.description = `**Given** ${entry.given}\n\n**When** ${entry.when}\n\n**Then**\n${entry.clauses.map((clause) => `- *${clause.key}*: ${clause.text}`).join('\n')}`
  const tags = [`prio/${entry.priority.toLowerCase()}`, ...entry.needs.map((need) => `needs/${need}`)]
  const labels = {
    epic: entry.family,
    feature: entry.kind,
    story: entry.title,
    severity: severities[entry.priority],
    layer: 'system',
    pooler: row.pooler,
    topology: folded?.setting.topology ?? 'none',
    ALLURE_ID: entry.id,
  }
  result.labels.push(...Object.entries(labels).map(([name, value]) => ({ name, value })), ...tags.map((value) => ({ name: 'tag', value })))
  result.links.push(
    ...[...entry.evidenceFor, ...(entry.marker === null ? [] : [entry.marker])].map((marker) => ({
      name: marker,
      url: `#${marker}`,
      type: LinkType.ISSUE,
    })),
  )
  if (folded !== null)
    result.parameters.push({ name: 'fingerprint', value: folded.setting.fingerprint }, { name: 'attempts', value: String(folded.attempts) })
}

function messageOf(row: Row): string {
  if (row.finding !== null) return `FINDING, as expected of ${row.pooler}: ${row.finding}`
  if (row.verdict === 'missing') return `NOT RUN: ${row.why}`
  return row.verdict === 'unsupported' ? `UNSUPPORTED: ${row.why}` : (row.surprise ?? row.why)
}

function writeStep(runtime: ReporterRuntime, test: string, name: string, outcome: ClauseOutcome | undefined, start: number): void {
  const step = runtime.startStep(test, undefined, { name, start })
  if (step === undefined) return
  runtime.updateStep(step, (result) => {
    result.status = statusOfClause(outcome)
    if (outcome !== undefined && 'why' in outcome) result.statusDetails = { message: outcome.why }
  })
  runtime.stopStep(step, { stop: start })
}

function statusOfClause(outcome: ClauseOutcome | undefined): Status {
  if (outcome === undefined || outcome.verdict === 'unknown') return Status.BROKEN
  if (outcome.verdict === 'proved') return Status.PASSED
  return outcome.verdict === 'refuted' ? Status.FAILED : Status.SKIPPED
}

function attachmentsOf(row: Row, runs: readonly RunOnDisk[]): { name: string; path: string }[] {
  const run = runs.find((one) => one.name === row.run)
  if (run === undefined) return []
  return run.lines
    .filter((line): line is Extract<EvidenceLine, { kind: 'attached' }> => line.kind === 'attached' && line.entry === row.entry.id)
    .map((line) => ({ name: basename(line.path), path: join(run.dir, line.path) }))
}

function contentTypeOf(path: string): string {
  return path.endsWith('.json') ? 'application/json' : 'text/plain'
}
