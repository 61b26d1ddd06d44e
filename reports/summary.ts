/** The verdicts for people: a table for the terminal, and the same as Markdown. */
import { styleText } from 'node:util'
import type { Facts } from './facts.ts'
import { counted, standingOf, type Gate } from './outcome.ts'
import type { Row } from './rows.ts'
import { countBy, durationText, findingsOf, firstLine, markdownCell, systemOf } from './words.ts'

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const styles: Readonly<Record<Row['verdict'], Style>> = {
  proved: 'green',
  refuted: 'red',
  unknown: 'yellow',
  unsupported: 'gray',
  missing: 'magenta',
}

/** So many failures are told whole; the rest stands in the table. */
const toldWhole = 10

/** The table, a line a row and a block a family; then what failed, what was found as expected, and the counts. */
export function tableText(rows: readonly Row[], gate: Gate, color: boolean, width = process.stdout.columns ?? 160): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
  const shown = counted(rows, gate)
  const titleWidth = Math.min(Math.max(24, width - 80), Math.max(5, ...shown.map((row) => row.entry.title.length)))
  const blocks = [...Map.groupBy(shown, (row) => row.entry.family).values()].map((members) =>
    members.map((row) => lineText(row, titleWidth, width, paint)).join('\n'),
  )
  return [...blocks, ...failures(shown, paint), ...findings(shown, width, paint), totals(shown)].join('\n\n')
}

function lineText(row: Row, titleWidth: number, width: number, paint: Paint): string {
  const { entry, verdict, folded, finding } = row
  const title = firstLine(entry.title, titleWidth).padEnd(titleWidth)
  const time = (folded === null ? '' : durationText(folded.durationMs)).padStart(8)
  const head = `${entry.id.padEnd(10)} ${entry.priority}  ${title}  `
  const tail = ` ${time}  ${row.pooler.padEnd(6)}  `
  const reason = finding === null ? row.why : 'as expected, see the findings'
  const why = [row.apart, reason].filter((text) => text !== '').join(': ')
  const room = Math.max(16, width - head.length - tail.length - 11)
  return `${head}${paint(styles[verdict], verdict.padEnd(11))}${tail}${firstLine(plain(why), room)}`.trimEnd()
}

/** Control characters of a part's words must not act on the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
}

/** `20 verdicts: 19 proved, 1 refuted`. */
export function totals(rows: readonly Row[]): string {
  const counts = countBy(rows, (row) => row.verdict)
  return `${rows.length} verdicts: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`
}

function failures(rows: readonly Row[], paint: Paint): string[] {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  const told = failed.slice(0, toldWhole).map((row) => {
    const kept = row.exhibits.kept.find((one) => one.name === 'README.txt' && one.state === 'whole')
    const why = plain(row.surprise ?? row.why)
      .split('\n')
      .slice(0, 12)
    const lines = [...why, ...(kept === undefined ? [] : [`more: ${kept.file}`])]
    return [
      `${paint('bold', row.entry.id)} ${row.entry.title} (${[systemOf(row), row.folded?.reason ?? ''].filter(Boolean).join(', ')})`,
      ...lines.map((line) => `  ${line}`.trimEnd()),
    ].join('\n')
  })
  return failed.length > toldWhole ? [...told, `… and ${failed.length - toldWhole} more`] : told
}

function findings(rows: readonly Row[], width: number, paint: Paint): string[] {
  const found = findingsOf(rows)
  if (found.length === 0) return []
  const lines = found.map((row) => `  ${firstLine(`${row.entry.id} on ${row.pooler}: ${row.finding}`, width - 2)}`)
  return [[paint('bold', 'Findings: promises that reality denies, as the specification expects'), ...lines].join('\n')]
}

/** The same as a page of Markdown. */
export function summaryMarkdown(rows: readonly Row[], gate: Gate, facts: Facts): string {
  const shown = counted(rows, gate)
  const table = shown.map((row) => {
    const time = row.folded === null ? '' : durationText(row.folded.durationMs)
    const cells = [row.entry.id, row.entry.priority, row.entry.title, `**${row.verdict}**`, systemOf(row), time, firstLine(row.why, 200)]
    return `| ${cells.map(markdownCell).join(' | ')} |`
  })
  return [
    `# ${facts.title}`,
    '',
    totals(shown),
    '',
    ...[...facts.told].map(([name, told]) => `- ${name}: ${markdownCell(told)}`),
    ...(facts.command === null ? [] : [`- repeat: \`${facts.command}\``]),
    ...failuresMarkdown(shown),
    ...findingsMarkdown(shown),
    '',
    '## Verdicts',
    '',
    '| id | priority | title | verdict | system | took | why |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...table,
    '',
  ].join('\n')
}

function failuresMarkdown(rows: readonly Row[]): string[] {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  if (failed.length === 0) return []
  const told = failed.map(
    (row) =>
      `- **${row.entry.id}** ${markdownCell(row.entry.title)} (${systemOf(row)}): ${markdownCell(firstLine(row.surprise ?? row.why, 400))}`,
  )
  return ['', '## Not as expected', '', ...told]
}

function findingsMarkdown(rows: readonly Row[]): string[] {
  const found = findingsOf(rows)
  if (found.length === 0) return []
  const told = found.map((row) => `- **${row.entry.id}** on ${row.pooler}: ${markdownCell(row.finding ?? '')}`)
  return ['', '## Findings', '', 'Promises that reality denies, as the specification expects:', '', ...told]
}
