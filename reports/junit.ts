/** JUnit XML: unsupported is skipped, refuted a failure, unknown and missing an error. */
import { counted, standingOf, type Gate } from './outcome.ts'
import type { Row } from './rows.ts'
import { systemOf } from './words.ts'

export function junitXml(rows: readonly Row[], gate: Gate): string {
  const shown = counted(rows, gate)
  const suites = [...Map.groupBy(shown, (row) => row.entry.family)].map(([family, members]) => suiteXml(family, members))
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="orochi" ${totalsOf(shown)}>`, ...suites, '</testsuites>']
  return `${lines.join('\n')}\n`
}

function suiteXml(family: string, rows: readonly Row[]): string {
  const first = rows.flatMap((row) => row.folded?.at ?? []).toSorted()[0]
  const timestamp = first === undefined ? '' : ` timestamp="${escapeXml(first)}"`
  return [`  <testsuite name="${escapeXml(family)}" ${totalsOf(rows)}${timestamp}>`, ...rows.map(caseXml), '  </testsuite>'].join('\n')
}

function totalsOf(rows: readonly Row[]): string {
  const tags = rows.map(tagOf)
  const count = (tag: string) => tags.filter((one) => one === tag).length
  const ms = rows.reduce((sum, row) => sum + (row.folded?.durationMs ?? 0), 0)
  return `tests="${rows.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(ms)}"`
}

/** A refutation that was expected is a pass: the surprise decides. */
function tagOf(row: Row): 'failure' | 'error' | 'skipped' | null {
  const standing = standingOf(row)
  if (standing === 'passed') return null
  if (standing === 'skipped') return 'skipped'
  return row.verdict === 'unknown' || row.verdict === 'missing' ? 'error' : 'failure'
}

function caseXml(row: Row): string {
  const { entry, folded } = row
  const names = `classname="${escapeXml(`${entry.family}.${systemOf(row)}`)}" name="${escapeXml(`${entry.id} ${entry.title}`)}"`
  const tag = tagOf(row)
  const result = tag === null ? [] : [resultXml(tag, row)]
  const finding =
    row.finding === null ? [] : [`      <system-out>${escapeXml(`finding, as expected of ${row.pooler}: ${row.finding}`)}</system-out>`]
  return [
    `    <testcase ${names} time="${seconds(folded?.durationMs ?? 0)}">`,
    propertiesXml(row),
    ...result,
    ...finding,
    '    </testcase>',
  ].join('\n')
}

function propertiesXml({ entry, verdict, pooler, folded, run }: Row): string {
  const told = {
    verdict,
    priority: entry.priority,
    pooler,
    reason: folded?.reason,
    topology: folded?.setting.topology,
    fingerprint: folded?.setting.fingerprint,
    run,
  }
  const known = Object.entries(told).filter(([, value]) => value !== null && value !== undefined)
  return `      <properties>${known.map(([name, value]) => `<property name="${name}" value="${escapeXml(String(value))}"/>`).join('')}</properties>`
}

function resultXml(tag: 'failure' | 'error' | 'skipped', row: Row): string {
  const why = tag === 'skipped' ? row.why : (row.surprise ?? row.why)
  const message = `message="${escapeXml((why.split('\n')[0] ?? '').slice(0, 300))}"`
  return tag === 'skipped'
    ? `      <skipped ${message}/>`
    : `      <${tag} ${message} type="${row.folded?.reason ?? row.verdict}">${escapeXml(why)}</${tag}>`
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

/** XML knows no control characters but tab and line ends, not even escaped, and no half of a surrogate pair. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
