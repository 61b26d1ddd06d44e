/** JUnit XML: unsupported is skipped, refuted a failure, unknown and missing an error. */
import { counted, standingOf, type Gate } from './outcome.ts'
import type { Row } from './rows.ts'
import { systemOf } from './words.ts'

export function junitXml(rows: readonly Row[], gate: Gate): string {
  const suites = Map.groupBy(counted(rows, gate), (row) => row.entry.family)
  const bodies = [...suites].map(([family, members]) => suiteXml(family, members))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${bodies.join('\n')}\n</testsuites>\n`
}

function suiteXml(family: string, rows: readonly Row[]): string {
  const tags = rows.map(tagOf)
  const count = (tag: string) => tags.filter((one) => one === tag).length
  const seconds = rows.reduce((sum, row) => sum + (row.folded?.durationMs ?? 0), 0) / 1000
  const head = `<testsuite name="${escapeXml(family)}" tests="${rows.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}">`
  return [`  ${head}`, ...rows.map(caseXml), '  </testsuite>'].join('\n')
}

/** A refutation that was expected is a pass: the surprise decides. */
function tagOf(row: Row): 'failure' | 'error' | 'skipped' | null {
  const standing = standingOf(row)
  if (standing === 'passed') return null
  if (standing === 'skipped') return 'skipped'
  return row.verdict === 'unknown' || row.verdict === 'missing' ? 'error' : 'failure'
}

function caseXml(row: Row): string {
  const time = ((row.folded?.durationMs ?? 0) / 1000).toFixed(3)
  const head = `    <testcase classname="${escapeXml(`${row.entry.family}.${systemOf(row)}`)}" name="${escapeXml(`${row.entry.id} ${row.entry.title}`)}" time="${time}">`
  const properties = `      <properties><property name="verdict" value="${row.verdict}"/><property name="priority" value="${row.entry.priority}"/></properties>`
  const tag = tagOf(row)
  const why = row.surprise ?? row.why
  const result = tag === null ? [] : [`      <${tag} message="${escapeXml(firstOf(why))}">${escapeXml(why)}</${tag}>`]
  return [head, properties, ...result, '    </testcase>'].join('\n')
}

const firstOf = (text: string) => (text.split('\n')[0] ?? '').slice(0, 300)

/** XML knows no control characters but tab and line ends, not even escaped. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
