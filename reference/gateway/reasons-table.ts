/** The table of refusals as the README shows it. `node reference/gateway/reasons-table.ts` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { reasons, type ReasonRow } from './reasons.ts'

const readme = new URL('README.md', import.meta.url)
const section = /(<!-- reasons -->\n\n)[\s\S]*?(\n\n<!-- \/reasons -->)/

export function reasonsTable(): string {
  const rows = Object.entries<ReasonRow>(reasons).map(([reason, { sqlstate, wording, level, failure }]) => [
    `\`${reason}\``,
    sqlstate,
    wording,
    level,
    failure === true ? 'yes' : '',
  ])
  return drawTable([['reason', 'SQLSTATE', 'what the client reads', 'level', 'counts as failure'], ...rows])
}

/** As it stands in the README now. */
export function tableInReadme(): string {
  return section.exec(readFileSync(readme, 'utf8'))?.[0].split('\n').slice(2, -2).join('\n') ?? ''
}

function drawTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  return [line(head), line(rule), ...rows.slice(1).map(line)].join('\n')
}

if (import.meta.main) writeFileSync(readme, readFileSync(readme, 'utf8').replace(section, `$1${reasonsTable()}$2`))
