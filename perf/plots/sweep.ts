/** How cost grows with one thing while the others stay: what was measured as points, what the model foretells as lines. */
import type { Cell, Fit } from '../sweep/fit.ts'
import type { Line, Plot } from './plot.ts'

export type Grown = 'connections' | 'shards' | 'payloadKb'

const labels: Readonly<Record<Grown, string>> = { connections: 'connections', shards: 'shards', payloadKb: 'size of a result, KB' }

/** Null where it does not change in the cells. */
export function sweepPlot(cells: readonly Cell[], fit: Fit | null, grown: Grown, cost: string): Plot | null {
  const values = [...new Set(cells.map((cell) => cell[grown]))].toSorted((a, b) => a - b)
  if (values.length < 2) return null
  const split: Grown = grown === 'payloadKb' ? 'connections' : 'payloadKb'
  const held: Grown = (['connections', 'shards', 'payloadKb'] as const).find((name) => name !== grown && name !== split)!
  const least = Math.min(...cells.map((cell) => cell[held]))
  const shown = cells.filter((cell) => cell[held] === least)
  const groups = [...Map.groupBy(shown, (cell) => cell[split])].toSorted(([a], [b]) => a - b).slice(0, 5)
  const lines = groups.flatMap(([value, group], tone) => linesOf(`${value} ${split === 'payloadKb' ? 'KB' : labels[split]}`, group, tone))
  const model = fit === null ? 'No model could be fitted.' : `Dashed: ${modelText(fit, cost)}.`
  return {
    title: `cost of a query by ${labels[grown]} (${heldText(held, least)})`,
    description: `${shown.map((cell) => `${cell[grown]} ${labels[grown]} and ${cell[split]} ${labels[split]}: ${cell.cost.toPrecision(3)}`).join('; ')}. ${model}`,
    x: { label: labels[grown], whole: grown === 'shards', scale: values.at(-1)! > 8 * Math.max(values[0]!, 0.01) ? 'log' : 'linear' },
    y: { label: cost, scale: 'linear' },
    lines,
    marks: [],
  }

  function linesOf(name: string, group: readonly Cell[], tone: number): readonly Line[] {
    const sorted = group.toSorted((a, b) => a[grown] - b[grown])
    const foretold = fit === null ? [] : sorted.map((cell) => ({ x: cell[grown], y: fit.foretell(cell) }))
    return [
      { name, tone, drawn: 'dots', points: sorted.map((cell) => ({ x: cell[grown], y: cell.cost })) },
      { name: '', tone, dashed: true, drawn: 'line', points: foretold },
    ]
  }
}

const heldText = (held: Grown, value: number) =>
  held === 'payloadKb' ? `results of ${value} KB` : `${value} ${value === 1 ? labels[held].replace(/s$/, '') : labels[held]}`

export function modelText({ model, coefficients, error }: Fit, cost: string): string {
  const number = (value: number) => String(Number(value.toPrecision(3)))
  const span = ({ value, low, high }: Fit['coefficients'][number]) => `${number(value)} [${number(low)}, ${number(high)}]`
  const [fixed, ...rest] = coefficients
  const terms =
    model === 'power'
      ? rest.map((one) => ` × ${one.name}^${span(one)}`).join('')
      : rest.map((one) => ` + ${span(one)} × ${one.name}`).join('')
  return `${cost} = ${span(fixed!)}${terms} (model: ${model}; off by ${number(error * 100)} % in the mean for a cell it has not seen)`
}
