/** A page of our own: counts, verdicts, findings and the checklist in one file that needs nothing else. */
import type { Answer } from './checklist.ts'
import { counted, type Gate } from './outcome.ts'
import type { Row } from './rows.ts'
import { script, style } from './page-style.ts'
import { ageText, countBy, durationText, systemOf } from './words.ts'

export interface Page {
  readonly title: string
  readonly gate: Gate
  readonly rows: readonly Row[]
  readonly answers: readonly Answer[]
  /** The command that repeats the run, if one run is shown. */
  readonly command: string | null
}

export function pageHtml(page: Page, now = Date.now()): string {
  const shown = counted(page.rows, page.gate)
  const findings = shown.filter((row) => row.finding !== null)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(page.title)}</title><style>${style}</style></head><body>
<header><h1>${text(page.title)}</h1>${counts(shown)}${page.command === null ? '' : `<p>Repeat: <code>${text(page.command)}</code></p>`}</header>
<main>
<section><h2>Verdicts</h2>${verdictTable(shown, now)}</section>
${findings.length === 0 ? '' : `<section><h2>Findings</h2><p>Promises that reality denies, as the specification expects.</p><ul>${findings.map((row) => `<li><b>${row.entry.id}</b> on ${text(row.pooler)}: ${text(row.finding ?? '')}</li>`).join('')}</ul></section>`}
<section><h2>Checklist</h2>${checklist(page.answers, now)}</section>
</main><script>${script}</script></body></html>
`
}

function counts(rows: readonly Row[]): string {
  const chips = [...countBy(rows, (row) => row.verdict)].map(
    ([verdict, count]) => `<li class="chip ${verdict}"><b>${count}</b> ${verdict}</li>`,
  )
  return `<ul class="chips" aria-label="Counts of verdicts">${chips.join('')}</ul>`
}

function verdictTable(rows: readonly Row[], now: number): string {
  const body = rows.map((row) => {
    const time = row.folded === null ? '' : durationText(row.folded.durationMs)
    const age = row.folded === null ? '' : `${ageText(row.folded.at, now)} ago`
    const clauses = Object.entries(row.folded?.clauses ?? {}).map(
      ([key, outcome]) =>
        `<li class="${outcome.verdict}"><b>${text(key)}</b> ${outcome.verdict}${'why' in outcome ? `<pre>${text(outcome.why.slice(0, 2000))}</pre>` : ''}</li>`,
    )
    const aged = row.stale.length > 0 && row.folded !== null ? ` (since then ${row.stale.join(', ')} changed)` : ''
    const why = (row.finding ?? row.why) + aged
    return `<tr class="row" data-verdict="${row.verdict}"><th scope="row">${row.entry.id}</th><td>${row.entry.priority}</td><td><details><summary>${text(row.entry.title)}</summary><p>Given ${text(row.entry.given)}; when ${text(row.entry.when)}.</p><ul>${clauses.join('')}</ul></details></td><td><span class="badge ${row.verdict}">${row.verdict}</span></td><td>${text(systemOf(row))}</td><td>${time}</td><td>${age}</td><td>${text(why.split('\n')[0]?.slice(0, 240) ?? '')}</td></tr>`
  })
  return `<label>Filter <input type="search" id="filter" placeholder="id, title, verdict or pooler"></label>
<div class="scroll"><table id="verdicts"><thead><tr>${['Entry', 'Priority', 'Promise', 'Verdict', 'System', 'Took', 'Evidence', 'Why'].map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

function checklist(answers: readonly Answer[], now: number): string {
  const groups = Map.groupBy(answers, (one) => (one.kind === 'test marker' ? 'Test markers' : `Phase ${one.phase}, ${one.kind}s`))
  return [...groups]
    .map(([name, ones]) => {
      const proved = ones.filter((one) => one.state === 'proved').length
      const rows = ones.map(
        (one) =>
          `<tr id="${one.id}"><th scope="row">${one.id}</th><td>${text(one.title)}</td><td><span class="badge ${one.state.replace(' ', '-')}">${one.state}</span></td><td>${one.proofs.map((proof) => `${proof.entry} ${proof.verdict} (${text(proof.pooler)}, ${ageText(proof.at, now)} ago)`).join('<br>')}</td><td>${text(one.why)}</td></tr>`,
      )
      return `<details><summary>${text(name)}: ${proved} of ${ones.length} proved</summary><div class="scroll"><table><thead><tr>${['Marker', 'What', 'State', 'Evidence', 'Lacking'].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`
    })
    .join('\n')
}

function text(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
