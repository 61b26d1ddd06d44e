/** The verdicts for people: a table for the terminal, and the same as Markdown. */
import { styleText } from 'node:util'
import { counted, standingOf, type Gate } from './outcome.ts'
import type { Row } from './rows.ts'
import { countBy, durationText, firstLine, systemOf } from './words.ts'

type Style = Parameters<typeof styleText>[0]

const styles: Readonly<Record<string, Style>> = {
  proved: 'green',
  refuted: 'red',
  unknown: 'yellow',
  unsupported: 'gray',
  missing: 'magenta',
}

/** The table, one line a row; then what failed, whole, and what was found as expected. */
export function tableText(rows: readonly Row[], gate: Gate, color: boolean): string {
  const paint = (style: Style, text: string) => (color ? styleText(style, text, { validateStream: false }) : text)
  const shown = counted(rows, gate)
  const titleWidth = Math.max(5, ...shown.map((row) => row.entry.title.length))
  const lines = shown.map((row) => {
    const verdict = paint(styles[row.verdict] ?? 'white', row.verdict.padEnd(11))
    const time = row.folded === null ? '' : durationText(row.folded.durationMs)
    const why =
      row.finding === null
        ? [row.why, ...(row.stale.length > 0 && row.folded !== null ? [`since then ${row.stale.join(', ')} changed`] : [])]
            .filter((part) => part !== '')
            .join('; ')
        : `as expected of ${row.pooler}: ${row.finding}`
    return `${row.entry.id.padEnd(11)} ${row.entry.priority}  ${row.entry.title.padEnd(titleWidth)}  ${verdict} ${time.padStart(8)}  ${row.pooler.padEnd(6)}  ${firstLine(why, 90)}`.trimEnd()
  })
  return [...lines, '', totals(shown), ...failures(shown, paint)].join('\n')
}

/** `20 entries: 19 proved, 1 refuted`. */
export function totals(rows: readonly Row[]): string {
  const counts = countBy(rows, (row) => row.verdict)
  return `${rows.length} verdicts: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`
}

function failures(rows: readonly Row[], paint: (style: Style, text: string) => string): string[] {
  const failed = rows.filter((row) => standingOf(row) === 'failed')
  return failed.flatMap((row) => [
    '',
    `${paint('bold', row.entry.id)} ${row.entry.title}`,
    `  ${(row.surprise ?? row.why).split('\n').slice(0, 12).join('\n  ')}`,
  ])
}

/** The same as a page of Markdown. */
export function summaryMarkdown(rows: readonly Row[], gate: Gate, title: string): string {
  const shown = counted(rows, gate)
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const table = shown.map(
    (row) =>
      `| ${row.entry.id} | ${row.entry.priority} | ${cell(row.entry.title)} | **${row.verdict}** | ${systemOf(row)} | ${cell(firstLine(row.why, 200))} |`,
  )
  const findings = shown.filter((row) => row.finding !== null)
  return [
    `# ${title}`,
    '',
    totals(shown),
    '',
    '| id | priority | title | verdict | system | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...table,
    ...(findings.length === 0
      ? []
      : [
          '',
          '## Findings',
          '',
          'Promises that reality denies, as the specification expects:',
          '',
          ...findings.map((row) => `- **${row.entry.id}** on ${row.pooler}: ${row.finding}`),
        ]),
    '',
  ].join('\n')
}
