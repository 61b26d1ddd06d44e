/**
 * How cost grows: two models are fitted to the cells of a sweep, and the one that foretells cells it has not seen better is told.
 *
 * - `power`: cost = a · connections^b · shards^c · payload^d; an exponent of 1 is growth in proportion, of 0 none.
 * - `sum`: cost = a + b · connections + c · shards + d · payload; each is what one more costs.
 */
import { studentQuantile } from '../history/student.ts'

export interface Cell {
  readonly connections: number
  readonly shards: number
  /** KB of a result. */
  readonly payloadKb: number
  readonly cost: number
}

export interface Coefficient {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Fit {
  readonly model: 'power' | 'sum'
  readonly coefficients: readonly Coefficient[]
  /** How far it is off, in the mean, for a cell that it was not fitted to: 0.1 is ten per cent. */
  readonly error: number
  foretell(cell: Omit<Cell, 'cost'>): number
}

type Variable = 'connections' | 'shards' | 'payloadKb'

/** Null where the cells are too few for the variables that change in them. */
export function fitCost(cells: readonly Cell[]): Fit | null {
  const changing = (['connections', 'shards', 'payloadKb'] as const).filter((name) => new Set(cells.map((cell) => cell[name])).size > 1)
  if (cells.length < changing.length + 3) return null
  const fits = (['power', 'sum'] as const).map((model) => fitOne(model, changing, cells)).filter((fit) => fit !== null)
  return fits.toSorted((a, b) => a.error - b.error)[0] ?? null
}

function fitOne(model: Fit['model'], names: readonly Variable[], cells: readonly Cell[]): Fit | null {
  const solved = solve(model, names, cells)
  if (solved === null) return null
  const misses = cells.map((cell, at) => {
    const without = solve(model, names, cells.toSpliced(at, 1))
    return without === null ? Number.NaN : Math.abs(foretellBy(model, names, without.betas, cell) / cell.cost - 1)
  })
  const error = misses.reduce((sum, miss) => sum + miss, 0) / misses.length
  if (!Number.isFinite(error)) return null
  const reach = studentQuantile(0.975, cells.length - names.length - 1)
  const coefficients = ['fixed', ...names].map((name, at) => {
    const [beta, deviation] = [solved.betas[at]!, solved.deviations[at]!]
    const shown = (value: number) => (model === 'power' && name === 'fixed' ? Math.exp(value) : value)
    return { name, value: shown(beta), low: shown(beta - reach * deviation), high: shown(beta + reach * deviation) }
  })
  return { model, coefficients, error, foretell: (cell) => foretellBy(model, names, solved.betas, cell) }
}

/** A payload of nothing still has a header: 0.1 KB stands for it where logarithms are taken. */
function rowOf(model: Fit['model'], names: readonly Variable[], cell: Omit<Cell, 'cost'>): readonly number[] {
  return [1, ...names.map((name) => (model === 'power' ? Math.log(Math.max(cell[name], 0.1)) : cell[name]))]
}

function foretellBy(model: Fit['model'], names: readonly Variable[], betas: readonly number[], cell: Omit<Cell, 'cost'>): number {
  const sum = rowOf(model, names, cell).reduce((total, value, at) => total + value * betas[at]!, 0)
  return model === 'power' ? Math.exp(sum) : sum
}

interface Solved {
  readonly betas: readonly number[]
  readonly deviations: readonly number[]
}

/** Least squares of relative errors: a millisecond counts more in a cheap cell than in a dear one. */
function solve(model: Fit['model'], names: readonly Variable[], cells: readonly Cell[]): Solved | null {
  const weights = cells.map(({ cost }) => (model === 'power' ? 1 : 1 / cost))
  const rows = cells.map((cell, at) => rowOf(model, names, cell).map((value) => value * weights[at]!))
  const goals = cells.map(({ cost }, at) => (model === 'power' ? Math.log(cost) : cost * weights[at]!))
  const size = names.length + 1
  const squares = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => sum(rows.map((row) => row[i]! * row[j]!))))
  const inverse = invert(squares)
  if (inverse === null) return null
  const products = Array.from({ length: size }, (_, i) => sum(rows.map((row, at) => row[i]! * goals[at]!)))
  const betas = inverse.map((row) => sum(row.map((value, j) => value * products[j]!)))
  const rest = sum(rows.map((row, at) => (goals[at]! - sum(row.map((value, j) => value * betas[j]!))) ** 2))
  const variance = rest / Math.max(1, cells.length - size)
  return { betas, deviations: inverse.map((row, i) => Math.sqrt(Math.max(0, row[i]! * variance))) }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** By elimination with pivots; null where it has none. */
function invert(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < size; column++) {
    const pivot = work
      .slice(column)
      .reduce((best, row, at) => (Math.abs(row[column]!) > Math.abs(work[best]![column]!) ? at + column : best), column)
    const [chosen, other] = [work[pivot]!, work[column]!]
    if (Math.abs(chosen[column]!) < 1e-12) return null
    work[column] = chosen.map((value) => value / chosen[column]!)
    if (pivot !== column) work[pivot] = other
    for (let row = 0; row < size; row++)
      if (row !== column) work[row] = work[row]!.map((value, at) => value - work[row]![column]! * work[column]![at]!)
  }
  return work.map((row) => row.slice(size))
}
