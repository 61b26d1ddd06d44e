/** Writes every report of one run, or of the newest evidence over all runs, and says what they come to. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Spec } from '../spec/load.ts'
import { generateAllure } from './allure-html.ts'
import { writeAllure } from './allure.ts'
import { answerChecklist, checklistMarkdown } from './checklist.ts'
import { pageHtml } from './html.ts'
import { junitXml } from './junit.ts'
import { outcomeOf, type Gate, type Outcome } from './outcome.ts'
import { readRun, readRuns, type RunOnDisk } from './read.ts'
import { rowsOf, type Row } from './rows.ts'
import { summaryMarkdown } from './summary.ts'

export interface ReportWish {
  readonly spec: Spec
  /** The folder that holds all runs. */
  readonly out: string
  /** One run; null for the newest evidence over all. */
  readonly run: string | null
  /** Where the reports go. */
  readonly into: string
  readonly gate: Gate
  /** Also the Allure page (it takes seconds). */
  readonly allure: boolean
}

export interface Written {
  readonly rows: readonly Row[]
  readonly outcome: Outcome
  readonly files: readonly string[]
}

export async function writeReports(wish: ReportWish): Promise<Written> {
  const runs = chooseRuns(wish)
  const rows = rowsOf(wish.spec, runs, { standIns: wish.run === null ? 'refused' : 'admitted' })
  const answers = answerChecklist(wish.spec, rows)
  const outcome = outcomeOf(rows, wish.gate)
  const title = wish.run === null ? 'Orochi pooling system: all evidence' : `Orochi pooling system: run ${wish.run}`
  const command = wish.run === null ? null : (runs[0]?.run?.command ?? null)
  mkdirSync(wish.into, { recursive: true })
  const files = Object.entries({
    'verdicts.json': JSON.stringify(rows.map(verdictJson), null, 2),
    'summary.md': summaryMarkdown(rows, wish.gate, title),
    'checklist.json': JSON.stringify(answers, null, 2),
    'checklist.md': checklistMarkdown(answers),
    'junit.xml': junitXml(rows, wish.gate),
    'index.html': pageHtml({ title, gate: wish.gate, rows, answers, command }),
  }).map(([name, content]) => {
    writeFileSync(join(wish.into, name), content)
    return join(wish.into, name)
  })
  const results = join(wish.into, 'allure-results')
  writeAllure(rows, runs, results)
  const page = wish.allure ? [await generateAllure(results, join(wish.into, 'allure-report'), join(wish.out, 'allure-history.jsonl'))] : []
  return { rows, outcome, files: [...files, results, ...page] }
}

function chooseRuns({ out, run }: ReportWish): readonly RunOnDisk[] {
  if (run === null) return readRuns(out)
  const dir = join(out, run)
  if (!existsSync(join(dir, 'evidence.jsonl'))) throw new Error(`there is no run "${run}" in ${out}: \`ls ${out}\` shows those there are`)
  return [readRun(dir)]
}

/** What a program wants to know of a row. */
export function verdictJson(row: Row): Record<string, unknown> {
  const { entry, verdict, pooler, folded, run, surprise, why, planned, stale, finding } = row
  const clauses = Object.fromEntries(Object.entries(folded?.clauses ?? {}).map(([key, outcome]) => [key, outcome.verdict]))
  return {
    id: entry.id,
    title: entry.title,
    priority: entry.priority,
    verdict,
    expected: surprise === null,
    pooler,
    provider: folded?.setting.provider ?? null,
    topology: folded?.setting.topology ?? null,
    fingerprint: folded?.setting.fingerprint ?? null,
    clauses,
    durationMs: folded?.durationMs ?? null,
    at: folded?.at ?? null,
    run,
    planned,
    stale,
    finding,
    surprise,
    why,
  }
}
