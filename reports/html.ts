/** A page of our own: counts, verdicts, findings and the checklist in one file that needs nothing else. */
import { createHash } from 'node:crypto'
import { plotStyle } from '../perf/plots/style.ts'
import type { Answer } from './checklist.ts'
import type { Facts } from './facts.ts'
import { figuresSection } from './figures.ts'
import { checklistSection } from './html-checklist.ts'
import { text } from './html-text.ts'
import { failuresSection, findingsSection, restSection, verdictsSection, type Place } from './html-verdicts.ts'
import { closingLine, counted, outcomeOf, type Gate } from './outcome.ts'
import type { Pictured } from './pictures.ts'
import { script } from './page-script.ts'
import { style as pageStyle } from './page-style.ts'
import type { Row } from './rows.ts'
import { countBy } from './words.ts'

export interface Page extends Place {
  readonly facts: Facts
  readonly gate: Gate
  readonly rows: readonly Row[]
  readonly answers: readonly Answer[]
  readonly pictured: readonly Pictured[]
}

const style = `${pageStyle}\n${plotStyle}`

export function pageHtml(page: Page): string {
  const shown = counted(page.rows, page.gate)
  const rest = page.rows.filter((row) => !shown.includes(row))
  const sections = {
    failures: failuresSection(shown, page),
    findings: findingsSection(shown),
    verdicts: verdictsSection(shown, page),
    figures: figuresSection(page.pictured),
    checklist: checklistSection(page.answers, page.now),
    rest: restSection(rest),
  }
  const names = {
    failures: 'Not as expected',
    findings: 'Findings',
    verdicts: 'Verdicts',
    figures: 'Figures',
    checklist: 'Checklist',
    rest: 'Not run',
  }
  const there = (Object.keys(sections) as (keyof typeof sections)[]).filter((id) => sections[id] !== '')
  const links = there.map((id) => `<a href="#${id}">${names[id]}</a>`).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hashed(style)}; script-src ${hashed(script)}">
<title>${text(page.facts.title)}</title><style>${style}</style></head><body>
<header><h1>${text(page.facts.title)}</h1>${outcomeOfPage(page, shown)}${factsList(page.facts)}</header>
<nav aria-label="Sections">${links}</nav>
<main>
${there.map((id) => sections[id]).join('\n')}
</main>
<footer>Made ${new Date(page.now).toISOString()} from evidence on disk, under the gate <code>${page.gate}</code>.</footer>
<script>${script}</script></body></html>
`
}

/** Only what stands in this file may style or run: not what a part said. */
function hashed(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`
}

function outcomeOfPage({ gate, rows }: Page, shown: readonly Row[]): string {
  const outcome = outcomeOf(rows, gate)
  const word = { 0: 'As expected', 1: 'A surprise', 2: 'Unknown or missing' }[outcome.exitCode]
  const counts = [...countBy(shown, (row) => row.verdict)].map(
    ([verdict, count]) => `<li class="${verdict}"><b>${count}</b> ${verdict}</li>`,
  )
  return `<p class="outcome exit-${outcome.exitCode}"><b>${word}</b> ${closingLine(outcome)}</p><ul class="counts" aria-label="Counts of verdicts">${counts.join('')}</ul>`
}

function factsList({ told, command }: Facts): string {
  const facts = [...told].map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`)
  const repeat = command === null ? '' : `<dt>repeat</dt><dd><code>${text(command)}</code></dd>`
  return `<dl class="facts">${repeat}${facts.join('')}</dl>`
}
