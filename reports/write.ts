/** Writes every report of one run, or of the newest evidence over all runs, and says what they come to. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Spec } from '../spec/load.ts'
import { generateAllure } from './allure-html.ts'
import { writeAllure } from './allure.ts'
import { checklistMarkdown } from './checklist-markdown.ts'
import { answerChecklist } from './checklist.ts'
import { factsOf } from './facts.ts'
import { figuresMarkdown } from './figures.ts'
import { pageHtml } from './html.ts'
import { junitXml } from './junit.ts'
import { outcomeOf, standingOf, type Gate, type Outcome } from './outcome.ts'
import { picturesOf, writePlots, type TrendOf } from './pictures.ts'
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
  /** Earlier figures to show beside those of today; left out: none. */
  readonly trendOf?: TrendOf
}

export interface Written {
  readonly rows: readonly Row[]
  readonly outcome: Outcome
  readonly files: readonly string[]
}

export async function writeReports(wish: ReportWish): Promise<Written> {
  const { spec, gate, into } = wish
  const now = Date.now()
  const runs = chooseRuns(wish)
  const rows = rowsOf(spec, runs, { standIns: wish.run === null ? 'refused' : 'admitted', gate })
  const answers = answerChecklist(spec, rows)
  const facts = factsOf(runs, wish.run)
  mkdirSync(into, { recursive: true })
  const pictured = picturesOf(rows, wish.trendOf ?? (() => []))
  const files = writeFiles(into, {
    'verdicts.json': JSON.stringify(rows.map(verdictJson), null, 2),
    'summary.md': summaryMarkdown(rows, gate, facts) + figuresMarkdown(pictured),
    'checklist.json': JSON.stringify(answers, null, 2),
    'checklist.md': checklistMarkdown(answers, { title: facts.title, now }),
    'junit.xml': junitXml(rows, gate),
    'index.html': pageHtml({ facts, gate, rows, answers, pictured, into, now }),
  })
  const results = join(into, 'allure-results')
  writeAllure(rows, facts, results, writePlots(pictured, into))
  const page = wish.allure ? [await generateAllure(results, join(into, 'allure-report'), join(wish.out, 'allure-history.jsonl'))] : []
  return { rows, outcome: outcomeOf(rows, gate), files: [...files, results, ...page] }
}

function writeFiles(into: string, contents: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(into, name), content)
    return join(into, name)
  })
}

function chooseRuns({ out, run }: ReportWish): readonly RunOnDisk[] {
  if (run === null) return readRuns(out)
  const dir = join(out, run)
  if (!existsSync(join(dir, 'evidence.jsonl')))
    throw new Error(`there is no evidence of a run "${run}" in ${out}: \`ls ${out}\` shows what there is`)
  return [readRun(dir)]
}

/** What a program wants to know of a row. */
export function verdictJson(row: Row): Record<string, unknown> {
  const { entry, verdict, pooler, folded, run, surprise, why, planned, stale, finding, exhibits } = row
  return {
    id: entry.id,
    title: entry.title,
    priority: entry.priority,
    verdict,
    standing: standingOf(row),
    expected: standingOf(row) === 'passed',
    pooler,
    provider: folded?.setting.provider ?? null,
    topology: folded?.setting.topology ?? null,
    fingerprint: folded?.setting.fingerprint ?? null,
    versions: exhibits.versions,
    clauses: Object.fromEntries(Object.entries(folded?.clauses ?? {}).map(([key, outcome]) => [key, outcome.verdict])),
    measured: exhibits.measured,
    kept: exhibits.kept.map(({ name, path, sha256, state }) => ({ name, path, sha256, state })),
    attempts: folded?.attempts ?? 0,
    flipped: folded?.flipped ?? false,
    durationMs: folded?.durationMs ?? null,
    at: folded?.at ?? null,
    run,
    planned,
    stale,
    finding,
    surprise,
    reason: folded?.reason ?? null,
    why,
  }
}
