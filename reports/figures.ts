/** The section on figures of our page and of the summary: each with its interval, its budget and the conditions it holds under. */
import { drawPlot } from '../perf/plots/svg.ts'
import { plainLabel } from '../perf/plots/scale.ts'
import type { MeasuredResult } from '../perf/result.ts'
import { badge, table, text } from './html-text.ts'
import type { Pictured } from './pictures.ts'

const headings = ['Entry', 'Figure', 'Measured', 'Budget', 'Verdict', 'Smallest visible', 'Rounds', 'Generator', 'Conditions']

export function figuresSection(pictured: readonly Pictured[]): string {
  if (pictured.length === 0) return ''
  const rows = pictured.flatMap(({ row, results }) =>
    results.map((result) => ({ attributes: '', cells: cellsOf(row.entry.id, row.pooler, result) })),
  )
  const shown = table(headings, rows, 'Every figure that was measured in blocks, with its interval')
  const plots = pictured.flatMap((one) => one.plots.map((plot) => `<figure>${drawPlot(plot, 'page')}</figure>`))
  return `<section id="figures"><h2>Figures</h2><p>Each with the interval in which it lies, 95 % sure. A difference smaller than what is visible there would not have been seen.</p>${rows.length === 0 ? '' : shown}<div class="plots">${plots.join('\n')}</div></section>`
}

function cellsOf(id: string, pooler: string, result: MeasuredResult): readonly string[] {
  return [
    text(id),
    text(`${result.metric.replaceAll('_', ' ')} (${result.clause}, ${pooler})`),
    text(measuredText(result)),
    text(budgetText(result)),
    badge(result.verdict.verdict),
    result.smallestVisibleEffect === null ? '' : text(`${plainLabel(result.smallestVisibleEffect)} ${result.unit}`),
    String(result.rounds),
    text(generatorText(result)),
    text(conditionsText(result)),
  ]
}

function measuredText({ effect, interval, unit, comparison }: MeasuredResult): string {
  const sign = comparison === 'difference' && effect > 0 ? '+' : ''
  return `${sign}${plainLabel(effect)} ${unit} [${plainLabel(interval.low)}, ${plainLabel(interval.high)}]`
}

function budgetText({ budget }: MeasuredResult): string {
  return `${budget.op} ${budget.value} ${budget.unit}${budget.percentile === null ? '' : ` at p${budget.percentile}`}`
}

function generatorText({ generator }: MeasuredResult): string {
  if (generator === null) return ''
  const { kind, sent, scheduled, dropped, latenessP99Ms } = generator
  return `${kind}: ${sent} of ${scheduled} sent, ${dropped} unanswered, late by ${plainLabel(latenessP99Ms)} ms at p99`
}

function conditionsText({ conditions }: MeasuredResult): string {
  const { load, topology, profile, machine } = conditions
  const share = (name: string, value: number | null) => (value === null ? [] : [`${name} ${plainLabel(value * 100)} %`])
  const { model, cores, id, loadAtStart } = machine
  return [
    `${load}; ${topology}; profile ${profile}; ${cores} × ${model} (machine ${id}), load ${plainLabel(loadAtStart)} at the start`,
    ...share('stolen', machine.stealShare),
    ...share('others', machine.foreignShare),
  ].join(', ')
}

/** The same in short for a summary; empty where nothing was measured in blocks. */
export function figuresMarkdown(pictured: readonly Pictured[]): string {
  const cell = (words: string) => words.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = pictured.flatMap(({ row, results }) =>
    results.map((result) => {
      const smallest = result.smallestVisibleEffect === null ? '' : `${plainLabel(result.smallestVisibleEffect)} ${result.unit}`
      const cells = [row.entry.id, row.pooler, result.metric, measuredText(result), budgetText(result), result.verdict.verdict, smallest]
      return `| ${cells.map(cell).join(' | ')} |`
    }),
  )
  if (rows.length === 0) return ''
  return `\n## Figures\n\n| Entry | Pooler | Figure | Measured, 95 % | Budget | Verdict | Smallest visible |\n| --- | --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`
}
