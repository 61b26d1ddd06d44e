/** A few operations and the faults around them as a small timeline: a line for each, side by side in time; as text, and as SVG. */
import type { FaultInterval, History, Operation, Outcome } from './history/record.ts'

interface Bar {
  readonly label: string
  readonly text: string
  readonly fromMs: number
  /** Null: open at its end. */
  readonly toMs: number | null
  readonly look: Outcome | 'fault'
}

interface Chart {
  readonly fromMs: number
  readonly toMs: number
  readonly bars: readonly Bar[]
}

/** So many operations can be looked at; the rest is told as a number. */
const most = 24

function chartOf(history: History, operations: readonly Operation[]): Chart | null {
  if (operations.length === 0) return null
  const shown = operations.slice(0, most)
  const fromMs = Math.min(...shown.map(({ invokeMs }) => invokeMs))
  const toMs = Math.max(...shown.map(({ returnMs, invokeMs }) => returnMs ?? invokeMs)) + 1
  const faults = history.faults.filter(({ injectMs, healedMs }) => injectMs <= toMs && (healedMs ?? history.endMs) >= fromMs)
  return { fromMs, toMs, bars: [...faults.map(barOfFault), ...shown.map(barOfOperation)] }
}

const barOfFault = ({ name, target, injectMs, healedMs, effect }: FaultInterval): Bar => ({
  label: `${name} ${target}`,
  text: effect ?? 'not seen to bite',
  fromMs: injectMs,
  toMs: healedMs,
  look: 'fault',
})

function barOfOperation({ index, process, kind, args, value, outcome, sqlstate, message, invokeMs, returnMs }: Operation): Bar {
  const came = outcome === 'ok' ? `→ ${JSON.stringify(value)}` : `${outcome} ${sqlstate ?? ''} ${message ?? ''}`.trim()
  return {
    label: `client ${process} #${index}`,
    text: `${kind} ${JSON.stringify(args)} ${came}`,
    fromMs: invokeMs,
    toMs: returnMs,
    look: outcome,
  }
}

const width = 40
const signs: Readonly<Record<Bar['look'], string>> = { ok: '━', fail: '╌', info: '?', fault: '▒' }

export function timelineText(history: History, operations: readonly Operation[]): string {
  const chart = chartOf(history, operations)
  if (chart === null) return ''
  const longest = Math.max(...chart.bars.map(({ label }) => label.length))
  const lines = chart.bars.map(
    (bar) =>
      `  ${bar.label.padEnd(longest)} │${drawn(bar, chart)}│ ${span(bar)} ${bar.text.length > 160 ? `${bar.text.slice(0, 159)}…` : bar.text}`,
  )
  const more = operations.length > most ? [`  … and ${operations.length - most} more`] : []
  return [...lines, ...more, `  ${' '.repeat(longest)} ${scale(chart)}`].join('\n')
}

function drawn(bar: Bar, { fromMs, toMs }: Chart): string {
  const at = (ms: number) => Math.max(0, Math.min(width - 1, Math.floor(((ms - fromMs) / (toMs - fromMs)) * width)))
  const [start, end] = [at(bar.fromMs), at(bar.toMs ?? toMs)]
  return `${' '.repeat(start)}${signs[bar.look].repeat(end - start + 1)}`.padEnd(width)
}

const span = ({ fromMs, toMs }: Bar): string => `${Math.round(fromMs)}–${toMs === null ? '' : Math.round(toMs)} ms`
const scale = ({ fromMs, toMs }: Chart): string => `${Math.round(fromMs)} ms`.padEnd(width - 6) + `${Math.round(toMs)} ms`

const colours: Readonly<Record<Bar['look'], string>> = { ok: '#2f855a', fail: '#c53030', info: '#b7791f', fault: '#cbd5e0' }
const [left, right, row, chartWidth] = [180, 520, 22, 420]

/** Stands alone: no script, no font, nothing fetched. */
export function timelineSvg(history: History, operations: readonly Operation[], title: string): string {
  const chart = chartOf(history, operations) ?? { fromMs: 0, toMs: 1, bars: [] }
  const height = (chart.bars.length + 2) * row
  const rows = chart.bars.map((bar, at) => drawRow(bar, chart, (at + 1) * row))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + chartWidth + right}" height="${height}" font-family="monospace" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<text x="4" y="15" font-weight="bold">${escape(title)}</text>`,
    ...rows,
    `<text x="${left}" y="${height - 6}">${Math.round(chart.fromMs)} ms</text>`,
    `<text x="${left + chartWidth}" y="${height - 6}" text-anchor="end">${Math.round(chart.toMs)} ms</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function drawRow(bar: Bar, { fromMs, toMs }: Chart, y: number): string {
  const at = (ms: number) => left + Math.max(0, Math.min(1, (ms - fromMs) / (toMs - fromMs))) * chartWidth
  const [start, end] = [at(bar.fromMs), at(bar.toMs ?? toMs)]
  const box = `x="${start.toFixed(1)}" y="${y + 4}" width="${Math.max(2, end - start).toFixed(1)}" height="${row - 8}"`
  return [
    `<text x="4" y="${y + 15}">${escape(bar.label)}</text>`,
    `<rect ${box} fill="${colours[bar.look]}"><title>${escape(`${span(bar)} ${bar.text}`)}</title></rect>`,
    `<text x="${left + chartWidth + 8}" y="${y + 15}">${escape(bar.text.slice(0, 70))}</text>`,
  ].join('')
}

const escape = (text: string): string =>
  // What XML 1.0 does not have in any form is left out.
  text
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
