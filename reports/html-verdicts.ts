/** The sections of our own page that speak of entries: what failed, what was found, every verdict, what never ran. */
import { relative, sep } from 'node:path'
import type { ClauseOutcome } from '../spec/evidence.ts'
import type { Kept } from './exhibits.ts'
import { badge, table, text } from './html-text.ts'
import { standingOf } from './outcome.ts'
import type { Row } from './rows.ts'
import { ageText, countBy, durationText, figureText, findingsOf, firstLine, systemOf } from './words.ts'

/** Where the page lies, and the time it was made. */
export interface Place {
  readonly into: string
  readonly now: number
}

export function failuresSection(rows: readonly Row[], place: Place): string {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  if (failed.length === 0) return ''
  const told = failed.map((row) => {
    const reason = row.folded?.reason ? ` <code>${text(row.folded.reason)}</code>` : ''
    const why = text((row.surprise ?? row.why).slice(0, 2000))
    return `<article class="failure"><h3>${badge(row.verdict)} ${entryLink(row)} ${text(row.entry.title)} <small>${text(systemOf(row))}</small>${reason}</h3><pre tabindex="0">${why}</pre>${keptList(row.exhibits.kept, place)}</article>`
  })
  return `<section id="failures"><h2>Not as expected</h2>${told.join('\n')}</section>`
}

export function findingsSection(rows: readonly Row[]): string {
  const found = findingsOf(rows)
  if (found.length === 0) return ''
  const told = found.map((row) => `<li>${entryLink(row)} on ${text(row.pooler)}: ${text(row.finding ?? '')}</li>`)
  return `<section id="findings"><h2>Findings</h2><p>Promises that reality denies, as the specification expects.</p><ul>${told.join('')}</ul></section>`
}

const headings = ['Entry', 'Priority', 'Promise', 'Verdict', 'System', 'Took', 'Evidence', 'Why']

export function verdictsSection(rows: readonly Row[], place: Place): string {
  const body = rows.map((row) => ({
    attributes: ` id="${rowId(row)}" data-verdict="${row.verdict}"`,
    cells: cellsOf(row, place),
  }))
  return `<section id="verdicts"><h2>Verdicts</h2>${filters(rows)}${table(headings, body, 'Every entry with its verdict and the evidence for it')}</section>`
}

function filters(rows: readonly Row[]): string {
  const buttons = [...countBy(rows, (row) => row.verdict)].map(
    ([verdict, count]) =>
      `<button type="button" class="${verdict}" data-only="${verdict}" aria-pressed="false"><b>${count}</b> ${verdict}</button>`,
  )
  return `<div class="filters" role="search"><label>Filter <input type="search" id="filter" placeholder="id, title, pooler, reason"></label>${buttons.join('')}<output id="shown" aria-live="polite">${rows.length} shown</output></div>`
}

function cellsOf(row: Row, place: Place): readonly string[] {
  const { entry, folded } = row
  return [
    entry.id,
    entry.priority,
    detailsOf(row, place),
    badge(row.verdict),
    text(systemOf(row)),
    folded === null ? '' : durationText(folded.durationMs),
    folded === null ? '' : `<time datetime="${text(folded.at)}">${ageText(folded.at, place.now)} ago</time>`,
    text(firstLine(row.finding ?? row.why, 240)),
  ]
}

function detailsOf(row: Row, place: Place): string {
  const { entry, folded, exhibits, run } = row
  const told: [string, string | undefined][] = [
    ['Run', run ?? undefined],
    ['Topology', folded?.setting.topology],
    ['Fingerprint', folded?.setting.fingerprint],
    [
      'Parts',
      Object.entries(exhibits.versions)
        .map(([part, version]) => `${part}: ${version}`)
        .join(', '),
    ],
    ['Measured', exhibits.measured.map(figureText).join(', ')],
  ]
  const facts = told.flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd>${text(value)}</dd>`] : []))
  const markers = [...entry.evidenceFor, ...(entry.marker === null ? [] : [entry.marker])]
  const evidenceFor =
    markers.length === 0 ? '' : `<dt>Evidence for</dt><dd>${markers.map((id) => `<a href="#${text(id)}">${text(id)}</a>`).join(', ')}</dd>`
  const promise = `<p>Given ${text(entry.given)}; when ${text(entry.when)}; then</p>${clausesOf(row)}`
  return `<details><summary>${text(entry.title)}</summary>${promise}<dl>${facts.join('')}${evidenceFor}</dl>${keptList(exhibits.kept, place)}</details>`
}

function clausesOf({ entry, folded }: Row): string {
  const told = entry.clauses.map(({ key, text: words }) => {
    const outcome = folded?.clauses[key]
    return `<li>${outcome === undefined ? '' : badge(outcome.verdict)} <b>${text(key)}</b>: ${text(words)}${whyOf(outcome)}</li>`
  })
  return `<ul>${told.join('')}</ul>`
}

function whyOf(outcome: ClauseOutcome | undefined): string {
  return outcome !== undefined && 'why' in outcome ? `<pre tabindex="0">${text(outcome.why.slice(0, 2000))}</pre>` : ''
}

function keptList(kept: readonly Kept[], { into }: Place): string {
  if (kept.length === 0) return ''
  const links = kept.map(({ name, file, sha256, state }) => {
    if (state === 'gone') return `<li>${text(name)} (gone)</li>`
    const href = relative(into, file).split(sep).map(encodeURIComponent).join('/')
    return `<li><a href="${text(href)}" title="SHA-256 ${text(sha256)}">${text(name)}</a>${state === 'changed' ? ' (not what was recorded)' : ''}</li>`
  })
  return `<ul class="kept" aria-label="Files kept as evidence">${links.join('')}</ul>`
}

/** What no plan wanted, family by family, with the reason. */
export function restSection(rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const families = [...Map.groupBy(rows, (row) => row.entry.family)].map(([family, members]) => {
    const told = members.map((row) => `<li><b>${row.entry.id}</b> ${row.entry.priority} ${text(row.entry.title)}: ${text(row.why)}</li>`)
    return `<details><summary>${text(family)}: ${members.length}</summary><ul>${told.join('')}</ul></details>`
  })
  return `<section id="rest"><h2>Not part of this report</h2><p>${rows.length} entries of the specification were not to be run.</p>${families.join('\n')}</section>`
}

function rowId(row: Row): string {
  return text(['entry', row.entry.id, row.pooler, row.folded?.setting.topology ?? 'none'].join('-').replaceAll(/[^A-Za-z0-9-]+/g, '_'))
}

const entryLink = (row: Row) => `<a href="#${rowId(row)}">${row.entry.id}</a>`
