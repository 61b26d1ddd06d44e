/** How a figure went from run to run on one machine, with intervals, and its budget. */
import type { Figure } from '../history/figures.ts'
import type { MeasuredResult } from '../result.ts'
import type { Plot } from './plot.ts'

/** `figures`: the oldest first, of one series. Null where there are fewer than two. */
export function trendPlot(figures: readonly Figure[], budget: MeasuredResult['budget'] | null): Plot | null {
  const newest = figures.at(-1)
  if (newest === undefined || figures.length < 2) return null
  const { entry, metric, unit, pooler, machine } = newest.series
  return {
    title: `${entry} ${metric}: the last ${figures.length} runs (${pooler})`,
    description: `On machine ${machine}, the oldest first: ${figures.map((figure) => `${figure.at.slice(0, 16)} ${figure.version} ${plain(figure.value)} ${unit}${figure.low === null || figure.high === null ? '' : ` between ${plain(figure.low)} and ${plain(figure.high)}`}`).join('; ')}.`,
    x: { label: 'run, the newest at the right', scale: 'linear', names: figures.map(nameOf) },
    y: { label: `${metric.replaceAll('_', ' ')}, ${unit}`, scale: 'linear' },
    lines: [
      {
        name: 'figure with its interval',
        tone: 0,
        drawn: 'both',
        points: figures.map(({ value, low, high }, x) => ({ x, y: value, ...(low === null || high === null ? {} : { low, high }) })),
      },
    ],
    marks:
      budget === null ? [] : [{ axis: 'y', at: budget.value, name: `budget: ${budget.op} ${budget.value} ${budget.unit}`, kind: 'budget' }],
  }
}

/** The commit, or the day where it is not told. */
const nameOf = ({ version, at }: Figure) => version.split('+')[1] ?? at.slice(5, 10)

const plain = (value: number) => String(Number(value.toPrecision(4)))
