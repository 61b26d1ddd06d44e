/** Small words about rows that every report shares. */
import type { Row } from './rows.ts'

/** `pgdog on embedded`, and what sets the topology apart if the entry was tried on several; only the pooler where there is no evidence. */
export function systemOf(row: Row): string {
  const { pooler, folded, apart } = row
  return folded === null ? pooler : `${pooler} on ${folded.setting.provider}${apart === '' ? '' : `, ${apart}`}`
}

/** What the specification expected and was found: each finding once, however many topologies show it. */
export function findingsOf(rows: readonly Row[]): readonly Row[] {
  const found = rows.filter((row) => row.finding !== null)
  return found.filter((row, at) => found.findIndex((other) => other.entry === row.entry && other.pooler === row.pooler) === at)
}

/** The first line of a reason, cut to a width. */
export function firstLine(text: string, width: number): string {
  const line = text.split('\n')[0] ?? ''
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}

/** `1.2 s`, `340 ms`. */
export function durationText(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`
}

/** Age in the largest unit that fits: `3 min`, `2 d`. */
export function ageText(at: string, now: number): string {
  const minutes = Math.max(0, (now - Date.parse(at)) / 60_000)
  if (minutes < 60) return `${Math.round(minutes)} min`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} d`
}

export function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

/** Text that cannot end the cell of a Markdown table, nor become markup of its own; `<br>` stays. */
export function markdownCell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll(/<(?!br>)/g, '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\u0000-\u001f\u007f]/g, '\ufffd')
}

/** `wait 5016.9 ms`: three digits tell enough of a fraction. */
export function figureText({ name, value, unit }: { readonly name: string; readonly value: number; readonly unit: string }): string {
  const shown = Number.isInteger(value) ? String(value) : value.toPrecision(Math.max(4, Math.trunc(Math.abs(value)).toString().length + 1))
  return `${name} ${shown} ${unit}`
}
