/** Allure results, one for each row: also for entries that never ran, and with the reason of what is unsupported. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { LinkType, Stage, Status, type Parameter, type TestResult } from 'allure-js-commons'
import { createDefaultWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter'
import type { ClauseOutcome } from '../spec/evidence.ts'
import { categories } from './allure-html.ts'
import type { Facts } from './facts.ts'
import type { Drawn } from './pictures.ts'
import { standingOf } from './outcome.ts'
import type { Row } from './rows.ts'

const severities = { P0: 'blocker', P1: 'critical', P2: 'normal' } as const

/** Writes `allure-results` anew. What never ran is dated as the run itself, or the report would seem to take hours. */
export function writeAllure(rows: readonly Row[], facts: Facts, dir: string, plots: ReadonlyMap<Row, readonly Drawn[]> = new Map()): void {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const environmentInfo = { ...Object.fromEntries(facts.told), ...(facts.command === null ? {} : { repeat: facts.command }) }
  const runtime = new ReporterRuntime({ writer: createDefaultWriter({ resultsDir: dir }), environmentInfo })
  const at = Date.parse(facts.told.get('begun') ?? new Date().toISOString())
  for (const row of rows) writeRow(runtime, row, at, plots.get(row) ?? [])
  runtime.writeEnvironmentInfo()
  writeFileSync(join(dir, 'categories.json'), JSON.stringify(categories, null, 2))
}

/** Refuted = failed, could not tell = broken, unsupported = skipped, never ran = no status; as expected = passed. */
export function statusOf(row: Row): Status | undefined {
  if (row.verdict === 'missing') return undefined
  const standing = standingOf(row)
  if (standing === 'passed') return Status.PASSED
  if (standing === 'skipped') return Status.SKIPPED
  return row.verdict === 'unknown' ? Status.BROKEN : Status.FAILED
}

function writeRow(runtime: ReporterRuntime, row: Row, at: number, plots: readonly Drawn[]): void {
  const { entry, folded } = row
  const stop = folded === null ? at : Date.parse(folded.at)
  const start = stop - (folded?.durationMs ?? 0)
  const historyId = [entry.id, row.pooler, topologyOf(row)].join('·')
  const uuid = runtime.startTest({
    name: nameOf(row),
    fullName: `orochi:${entry.id}`,
    testCaseId: entry.id,
    historyId,
    start,
  })
  runtime.updateTest(uuid, (result) => describe(result, row))
  for (const clause of folded === null ? [] : entry.clauses)
    writeStep(runtime, uuid, `${clause.key}: ${clause.text}`, folded?.clauses[clause.key], start)
  for (const { name, file } of [...row.exhibits.kept.filter((one) => one.state === 'whole'), ...plots])
    runtime.writeAttachment(uuid, null, name, file, { contentType: contentTypeOf(file) })
  runtime.stopTest(uuid, { stop })
  runtime.writeTest(uuid)
}

const nameOf = ({ entry, pooler }: Row) => `${entry.id} ${entry.title}${pooler === 'none' ? '' : ` (${pooler})`}`

const topologyOf = (row: Row) => row.folded?.setting.topology ?? 'none'

function describe(result: TestResult, row: Row): void {
  const { entry } = row
  const status = statusOf(row)
  result.stage = Stage.FINISHED
  if (status === undefined) delete (result as Partial<TestResult>).status
  else result.status = status
  result.statusDetails = { message: messageOf(row) }
  result.description = descriptionOf(row)
  result.labels.push(...labelsOf(row))
  // Beside the Allure page lies our own, where each marker has its place.
  const markers = [...entry.evidenceFor, ...(entry.marker === null ? [] : [entry.marker])]
  result.links.push(...markers.map((marker) => ({ name: marker, url: `../index.html#${marker}`, type: LinkType.TMS })))
  result.parameters.push(...parametersOf(row))
}

function labelsOf({ entry, pooler, folded, finding, stale }: Row): { name: string; value: string }[] {
  const labels = {
    ALLURE_ID: entry.id,
    epic: entry.family,
    feature: entry.kind,
    story: entry.title,
    severity: severities[entry.priority],
    layer: 'system',
    pooler,
    topology: folded?.setting.topology ?? 'none',
    provider: folded?.setting.provider ?? 'none',
  }
  const tags = [
    `prio/${entry.priority.toLowerCase()}`,
    ...entry.needs.map((need) => `needs/${need}`),
    ...(finding === null ? [] : ['finding']),
    ...(stale === null ? [] : ['stale']),
  ]
  return [...Object.entries(labels).map(([name, value]) => ({ name, value })), ...tags.map((value) => ({ name: 'tag', value }))]
}

/** Allure 3 tells two results of an entry apart, and finds them again in its history, by the parameters that are not excluded. */
function parametersOf(row: Row): Parameter[] {
  const { folded, exhibits } = row
  const identity = { pooler: row.pooler, topology: topologyOf(row) }
  const told = {
    ...(folded === null ? {} : { fingerprint: folded.setting.fingerprint, attempts: String(folded.attempts) }),
    ...(row.run === null ? {} : { run: row.run }),
    ...exhibits.versions,
    ...Object.fromEntries(exhibits.measured.map(({ name, value, unit }) => [name, `${value} ${unit}`])),
  }
  return [
    ...Object.entries(identity).map(([name, value]) => ({ name, value })),
    ...Object.entries(told).map(([name, value]) => ({ name, value, excluded: true })),
  ]
}

function descriptionOf({ entry, exhibits }: Row): string {
  const clauses = entry.clauses.map((clause) => `- *${clause.key}*: ${clause.text}`).join('\n')
  const broken = exhibits.kept
    .filter((one) => one.state !== 'whole')
    .map((one) => `\n\nThe file ${one.path} that was kept as evidence is ${one.state}.`)
  return `**Given** ${entry.given}\n\n**When** ${entry.when}\n\n**Then**\n${clauses}${broken.join('')}`
}

function messageOf(row: Row): string {
  if (row.finding !== null) return `FINDING, as expected of ${row.pooler}: ${row.finding}`
  if (row.verdict === 'missing') return `NOT RUN: ${row.why}`
  const why = row.surprise ?? row.why
  if (row.verdict === 'unsupported') return `UNSUPPORTED: ${row.why}`
  return row.folded?.reason ? `${row.folded.reason}: ${why}` : why
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

const contentTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

function contentTypeOf(file: string): string {
  return contentTypes[extname(file)] ?? 'text/plain'
}
